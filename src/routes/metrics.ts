import { Elysia } from 'elysia'
import { NotFound } from '../errors'
import type { Metrics } from '../metrics'

/**
 * Whether the path was sent exactly as `/metrics`: a proxy's rule that hides this path would not hide
 * `/metrics/` or `/x/../metrics`. Bun's router compares the path as sent and adds `params` to the requests that
 * it matches; other paths have been normalized before they get here.
 */
const isExactPath = (request: Request) => 'params' in request

/** Metrics for Prometheus. They are public, so the route only exists if it is enabled. */
export const metricsRoutes = (metrics: Metrics | undefined) => {
  const plugin = new Elysia({ name: 'metrics' })
  if (!metrics) return plugin
  return plugin.get(
    '/metrics',
    async ({ request }) => {
      if (!isExactPath(request)) throw new NotFound('This path')
      return new Response(await metrics.render(), { headers: { 'content-type': metrics.contentType } })
    },
    { detail: { hide: true } },
  )
}
