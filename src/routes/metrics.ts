import { Elysia } from 'elysia'
import { NotFound } from '../errors'
import type { Metrics } from '../metrics'

/**
 * Whether the path was sent as it is registered. Bun's router compares the path as sent, and adds to its
 * requests `params`; what it does not match (`/metrics/`, `/x/../metrics`) has been normalized meanwhile.
 */
const isExactPath = (request: Request) => 'params' in request

/** Numbers for Prometheus; open to all, so it is there only if asked for. */
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
