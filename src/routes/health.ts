import { Elysia } from 'elysia'
import type { Database } from '../database'
import type { Lifecycle } from '../http/lifecycle'

/** Is the service ready (FR-002, SC-001), and is the process alive? Neither tells a stranger more. */
export const healthRoutes = (database: Database, lifecycle: Lifecycle) =>
  new Elysia({ name: 'health', prefix: '/health' })
    .get('', async ({ set }) => {
      const isConnected = await database.ping().then(
        () => true,
        () => false,
      )
      const isReady = isConnected && !lifecycle.stopping
      if (!isReady) {
        set.status = 503
        set.headers['retry-after'] = '1'
      }
      return {
        status: isReady ? 'healthy' : lifecycle.stopping ? 'stopping' : 'unhealthy',
        database: isConnected ? 'connected' : 'disconnected',
      }
    })
    .get('/live', () => ({ status: 'alive' }))
