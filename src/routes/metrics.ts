import { Elysia } from 'elysia'
import type { Metrics } from '../metrics'

/** Numbers for Prometheus; open to all, so it is there only if asked for. */
export const metricsRoutes = (metrics: Metrics | undefined) => {
  const plugin = new Elysia({ name: 'metrics' })
  if (!metrics) return plugin
  return plugin.get(
    '/metrics',
    async () => new Response(await metrics.render(), { headers: { 'content-type': metrics.contentType } }),
    { detail: { hide: true } },
  )
}
