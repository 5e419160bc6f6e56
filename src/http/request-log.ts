import { Elysia } from 'elysia'
import type { Log } from '../log'

/** One line per request: never a query, a token or a body. */
export const requestLog = (log: Log) => {
  const plugin = new Elysia({ name: 'request-log' })
  if (!log.enabled('info')) return plugin
  const started = new WeakMap<Request, number>()
  return plugin
    .onRequest(({ request }) => {
      started.set(request, performance.now())
    })
    .onAfterResponse({ as: 'global' }, ({ request, set, path }) => {
      const duration = performance.now() - (started.get(request) ?? performance.now())
      log.info('request', {
        method: request.method,
        path,
        // nginx's number for a client that left before its answer
        status: request.signal.aborted ? 499 : Number(set.status ?? 200),
        duration_ms: Math.round(duration * 100) / 100,
        request_id: set.headers['x-request-id'],
      })
    })
}
