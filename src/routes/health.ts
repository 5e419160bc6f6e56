import { Elysia } from 'elysia'
import type { Database } from '../database'
import { describeError, type Log } from '../log'

/** Is the service ready (FR-002, SC-001), and is the process alive? Neither tells a stranger more. */
export const healthRoutes = (database: Database, log: Log) =>
  new Elysia({ name: 'health', prefix: '/health' })
    .get('', async ({ set }) => {
      try {
        await database.ping()
        return { status: 'healthy', database: 'connected' }
      } catch (error) {
        log.debug('health check failed', { reason: describeError(error) })
        set.status = 503
        set.headers['retry-after'] = '1'
        return { status: 'unhealthy', database: 'disconnected' }
      }
    })
    .get('/live', () => ({ status: 'alive' }))
