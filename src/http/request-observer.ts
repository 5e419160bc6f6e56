import { Elysia } from 'elysia'
import type { Log } from '../log'

/** The tool that an assistant called with a request, if any, and whether it returned an error. */
export interface ToolCall {
  tool?: string
  failed?: boolean
}

interface FinishedRequest {
  method: string
  /** The pattern of the route, without ids; undefined if no route matched. */
  route: string | undefined
  path: string
  status: number
  seconds: number
  requestId: string
  call?: ToolCall
}

/** Receives a notification for every request. */
export interface RequestObserver {
  started?(): void
  finished(request: FinishedRequest): void
}

/** nginx's status for a client that closed the connection before the response. */
const clientLeft = 499

/** Notifies observers of every request. Adds no hooks if there are none. */
export const observeRequests = (observers: readonly RequestObserver[]) => {
  const plugin = new Elysia({ name: 'observe-requests' })
  if (observers.length === 0) return plugin
  return plugin
    .decorate('startedAt', 0)
    .decorate('call', undefined as ToolCall | undefined)
    .onRequest((context) => {
      context.startedAt = performance.now()
      for (const observer of observers) observer.started?.()
    })
    .onAfterResponse({ as: 'global' }, ({ request, route, path, set, startedAt, call }) => {
      const finished = {
        method: request.method,
        route: route || undefined,
        path,
        status: request.signal.aborted ? clientLeft : Number(set.status ?? 200),
        seconds: (performance.now() - startedAt) / 1000,
        requestId: String(set.headers['x-request-id']),
        call,
      }
      for (const observer of observers) observer.finished(finished)
    })
}

/** Logs one line per request: never a query, a token, a body or a tool's arguments. */
export const logRequests = (log: Log): RequestObserver[] => {
  if (!log.enabled('info')) return []
  return [
    {
      finished: ({ method, path, status, seconds, requestId, call }) =>
        log.info('request', {
          method,
          path,
          status,
          duration_ms: Math.round(seconds * 1e5) / 100,
          request_id: requestId,
          tool: call?.tool,
        }),
    },
  ]
}
