import { Elysia } from 'elysia'
import type { Database } from '../database'
import { retryAfter } from '../errors'
import type { Shutdown } from '../http/shutdown'
import { responses } from '../openapi/responses'
import { tag } from '../openapi/tag'
import { Health, Liveness } from '../schemas/health'

/** Readiness and liveness. They are public, so they reveal nothing else. */
export const healthRoutes = ({ ping }: Database, shutdown: Shutdown) =>
  new Elysia({
    name: 'health',
    prefix: '/health',
    detail: { ...tag('Health', 'For probes, without a token.'), security: [] },
  })
    .get(
      '',
      async ({ set, status }) => {
        const isConnected = await ping()
        const database = isConnected ? 'connected' : 'disconnected'
        if (isConnected && !shutdown.hasBegun) return { status: 'healthy', database } as const
        Object.assign(set.headers, retryAfter)
        return status(503, { status: 'unhealthy', database } as const)
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
