import { Elysia } from 'elysia'
import type { Database } from '../database'
import type { Lifecycle } from '../http/lifecycle'
import { operation } from '../openapi/operation'
import { Health, Liveness } from '../openapi/schemas'

/** Is the service ready (FR-002, SC-001), and is the process alive? Neither tells a stranger more. */
export const healthRoutes = (database: Database, lifecycle: Lifecycle) =>
  new Elysia({ name: 'health', prefix: '/health' })
    .get(
      '',
      async ({ set }) => {
        const isConnected = await database.ping()
        const isReady = isConnected && !lifecycle.stopping
        if (!isReady) {
          set.status = 503
          set.headers['retry-after'] = '1'
        }
        return {
          status: isReady ? 'healthy' : 'unhealthy',
          database: isConnected ? 'connected' : 'disconnected',
        }
      },
      {
        detail: operation({
          tag: 'Health',
          summary: 'Is the service ready?',
          gives: { 200: Health, 503: Health },
          isOpen: true,
        }),
      },
    )
    .get('/live', () => ({ status: 'alive' }), {
      detail: operation({
        tag: 'Health',
        summary: 'Is the process alive?',
        gives: { 200: Liveness },
        isOpen: true,
      }),
    })
