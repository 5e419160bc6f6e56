import { Elysia } from 'elysia'
import { NotFound } from '../errors'
import type { Metrics } from '../metrics'

/** Metrics for Prometheus. They are public, so the route only exists if it is enabled. */
export const metricsRoutes = (metrics: Metrics | undefined) => {
  const plugin = new Elysia({ name: 'metrics', detail: { hide: true } })
  if (!metrics) return plugin
  return plugin.get('/metrics', ({ request, set }) => {
    // A proxy's rule that hides this path would not hide `/metrics/` or `/x/../metrics`. Bun's router, which
    // compares the path as it was sent, adds `params` to the requests that it matches.
    if (!('params' in request)) throw new NotFound('This path')
    set.headers['content-type'] = metrics.contentType
    return metrics.render()
  })
}
