import { cors } from '@elysiajs/cors'
import { Elysia } from 'elysia'

/** What a page of a listed origin may read of an answer. */
const readable = {
  'access-control-expose-headers': 'Allow, Location, Retry-After, WWW-Authenticate, X-Request-Id',
  'access-control-allow-credentials': 'true',
}

/** What it may send; a browser may remember that for ten minutes. */
const sendable = {
  'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
  'access-control-allow-headers': 'Authorization, Content-Type, X-Request-Id',
  'access-control-max-age': '600',
}

/** For the options that the plugin's types do not let one switch off. */
const off = null as unknown as string

/**
 * Lets pages of the listed origins call this API (FR-013), and nobody else. The plugin tells who is
 * listed; what else it says it would say on every answer, to callers without an origin too, so that
 * is left to the hooks here.
 */
export const crossOrigin = (origins: readonly string[]) => {
  const listed = new Set(origins)
  const plugin = cors({
    // A function, since the plugin compares strings without their scheme, too.
    origin: (request) => listed.has(request.headers.get('origin') ?? ''),
    methods: false,
    allowedHeaders: off,
    exposeHeaders: off,
    credentials: false,
    // It would answer before anything else sees the request, the log for one.
    preflight: false,
  })
  // Elysia reads in its source that it may give a promise, which it never does without preflight, and
  // would await it in every request.
  for (const hook of plugin.event.request ?? []) hook.isAsync = false
  return new Elysia({ name: 'cross-origin' })
    .use(plugin)
    .onRequest(({ set }) => {
      if (set.headers['access-control-allow-origin']) Object.assign(set.headers, readable)
    })
    .options(
      '/*',
      ({ set }) => {
        set.status = 204
        if (set.headers['access-control-allow-origin']) Object.assign(set.headers, sendable)
      },
      { detail: { hide: true } },
    )
}
