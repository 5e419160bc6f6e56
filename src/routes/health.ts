import { type Context, Elysia } from 'elysia'
import type { Database } from '../database'
import type { Lifecycle } from '../http/lifecycle'
import { operation } from '../openapi/operation'
import { Health, Liveness } from '../openapi/schemas'

/** Is the service ready (FR-002, SC-001), and is the process alive? Neither tells a stranger more. */
export const healthRoutes = (database: Database, lifecycle: Lifecycle) => {
  const { ping, pingNow } = database
  const healthOf = (isConnected: boolean) => ({
    status: isConnected && !lifecycle.stopping ? 'healthy' : 'unhealthy',
    database: isConnected ? 'connected' : 'disconnected',
  })

  return new Elysia({ name: 'health', prefix: '/health' })
    .get(
      '',
      // A promise costs a tenth of what an answer does, and Elysia awaits a handler that ends in a call:
      // so there are two, which share what they can without one.
      pingNow
        ? ({ set }) => {
            const health = healthOf(pingNow())
            if (health.status !== 'healthy') refuse(set)
            return health
          }
        : async ({ set }) => {
            const health = healthOf(await ping())
            if (health.status !== 'healthy') refuse(set)
            return health
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
}

const refuse = (set: Context['set']) => {
  set.status = 503
  set.headers['retry-after'] = '1'
}
