import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { KeySet } from '../auth/key-set'
import type { Database } from '../database'
import { retryAfter } from '../errors'
import type { Trace } from '../http/request-log'
import type { Shutdown } from '../http/shutdown'
import { responses } from '../openapi/responses'
import { oneOf } from '../schemas/fields'

const Health = Type.Object(
  {
    status: oneOf(['healthy', 'unhealthy'], 'Whether it can serve.'),
    database: oneOf(['connected', 'disconnected'], 'Whether the database answers.'),
    keys: Type.Optional(Type.Literal('unavailable')),
  },
  { $id: 'Health' },
)

const Liveness = Type.Object({ status: Type.Literal('alive') }, { $id: 'Liveness' })

/** Readiness and liveness. They are public, so they reveal nothing else. */
export const healthRoutes = (database: Database, shutdown: Shutdown, keySet?: KeySet) =>
  new Elysia({ prefix: '/health', tags: ['Health'] })
    .decorate('trace', undefined as Trace | undefined)
    .get(
      '',
      async ({ set, status, trace }) => {
        const isConnected = await database.ping()
        const state = isConnected ? 'connected' : 'disconnected'
        const keys = keySet?.isReady() === false ? { keys: 'unavailable' as const } : {}
        if (isConnected && !keys.keys && !shutdown.hasBegun)
          return { status: 'healthy', database: state } as const
        const [code, reason] = isConnected
          ? keys.keys
            ? ['keys_unavailable', 'no published key was fetched yet']
            : ['stopping', 'the service is stopping']
          : ['database_unavailable', database.status().reason ?? 'not connected yet']
        if (trace) trace.failure = { level: 'info', code, reason }
        Object.assign(set.headers, retryAfter)
        return status(503, { status: 'unhealthy', database: state, ...keys } as const)
      },
      {
        response: responses({ 200: Health, 503: Health }, []),
        detail: { operationId: 'getHealth', summary: 'Is the service ready?' },
      },
    )
    .get('/live', () => ({ status: 'alive' }) as const, {
      response: responses({ 200: Liveness }, []),
      detail: { operationId: 'getLiveness', summary: 'Is the process alive?' },
    })
