import { cors } from '@elysiajs/cors'
import { Elysia } from 'elysia'

/** Seconds for which a browser may remember what it was told. */
const maxAge = 600

/** Lets pages of the listed origins call this API (FR-013), and nobody else. */
export const crossOrigin = (origins: readonly string[]) => {
  const listed = new Set(origins)
  const plugin = cors({
    // A function, since the plugin compares strings without their scheme, too.
    origin: (request) => listed.has(request.headers.get('origin') ?? ''),
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'X-Request-Id'],
    exposeHeaders: ['Allow', 'Location', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id'],
    credentials: true,
    // It would answer before anything else sees the request, the log for one.
    preflight: false,
  })
  return new Elysia({ name: 'cross-origin' }).use(plugin).options(
    '/*',
    ({ set }) => {
      set.status = 204
      set.headers['access-control-max-age'] = String(maxAge)
    },
    { detail: { hide: true } },
  )
}
