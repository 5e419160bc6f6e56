import { Elysia } from 'elysia'

export interface FinishedRequest {
  method: string
  /** The pattern of the route, without ids; nothing where no route took the request. */
  route: string | undefined
  path: string
  status: number
  seconds: number
  requestId: string
}

/** Told of every request. */
export interface RequestObserver {
  started?(): void
  finished(request: FinishedRequest): void
}

/** nginx's number for a client that left before its answer. */
const clientLeft = 499

/** Tells observers of every request; costs nothing where there are none. */
export const observeRequests = (observers: readonly RequestObserver[]) => {
  const plugin = new Elysia({ name: 'observe-requests' })
  if (observers.length === 0) return plugin
  return plugin
    .decorate('startedAt', 0)
    .onRequest((context) => {
      context.startedAt = performance.now()
      for (const observer of observers) observer.started?.()
    })
    .onAfterResponse({ as: 'global' }, ({ request, route, path, set, startedAt }) => {
      const finished = {
        method: request.method,
        route: route || undefined,
        path,
        status: request.signal.aborted ? clientLeft : Number(set.status ?? 200),
        seconds: (performance.now() - startedAt) / 1000,
        requestId: String(set.headers['x-request-id']),
      }
      for (const observer of observers) observer.finished(finished)
    })
}
