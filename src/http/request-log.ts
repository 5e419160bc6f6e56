import type { Log } from '../log'
import type { RequestObserver } from './requests'

/** Logs one line per request: never a query, a token or a body. */
export const logRequests = (log: Log): RequestObserver[] => {
  if (!log.enabled('info')) return []
  return [
    {
      finished: ({ method, path, status, seconds, requestId }) =>
        log.info('request', {
          method,
          path,
          status,
          duration_ms: Math.round(seconds * 1e5) / 100,
          request_id: requestId,
        }),
    },
  ]
}
