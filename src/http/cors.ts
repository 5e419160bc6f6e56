import { cors } from '@elysiajs/cors'
import { Elysia } from 'elysia'

/** Headers that a page may send by default. */
const usualHeaders = ['Authorization', 'Content-Type', 'X-Request-Id']

/** Response headers that a page may read. */
const readableHeaders = ['Allow', 'Location', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id']

const methods = 'GET, POST, PATCH, DELETE'

/** How long a browser may cache the response to a preflight request, in seconds. */
const maxAgeS = 600

/** Names of headers, separated by commas (RFC 9110, section 5.1). */
const namesOfHeaders = /^[\w!#$%&'*+.^`|~, \t-]+$/

/**
 * Allows pages of the origins that are accepted, and no others, to call this API. The plugin would answer
 * preflight requests before the log sees them, and would not complete `Vary`, so they have a route here.
 * Every requested header is allowed: the origin is trusted, and tracing libraries add headers.
 */
export const crossOrigin = (isAllowed: (request: Request) => boolean) =>
  new Elysia({ name: 'cross-origin' })
    .use(
      cors({
        // A function, because the plugin would also match strings without their scheme.
        origin: isAllowed,
        methods: false,
        allowedHeaders: usualHeaders,
        exposeHeaders: readableHeaders,
        preflight: false,
      }),
    )
    .options(
      '/*',
      ({ request, set }) => {
        set.status = 204
        if (!set.headers['access-control-allow-origin']) return
        const requested = request.headers.get('access-control-request-headers') ?? ''
        set.headers['access-control-allow-methods'] = methods
        set.headers['access-control-max-age'] = String(maxAgeS)
        if (namesOfHeaders.test(requested)) set.headers['access-control-allow-headers'] = requested
        set.headers.vary = 'Origin, Access-Control-Request-Headers'
      },
      { detail: { hide: true } },
    )
