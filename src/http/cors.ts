import { cors } from '@elysiajs/cors'
import { Elysia } from 'elysia'

/** What a page may send unless it asks for more. */
const usualHeaders = ['Authorization', 'Content-Type', 'X-Request-Id']

/** What a page may read of a response. */
const readableHeaders = ['Allow', 'Location', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id']

const methods = 'GET, POST, PATCH, DELETE'

/** For how many seconds a browser may remember the answer to a preflight. */
const maxAgeS = 600

/** Names of headers, separated by commas (RFC 9110, section 5.1). */
const namesOfHeaders = /^[\w!#$%&'*+.^`|~, \t-]+$/

/**
 * Allows pages of the origins that are accepted, and no others, to call this API. The plugin would answer a
 * preflight before anything else sees it, the log for one, and would not add to `Vary`; so the route
 * that answers it is here. It allows every header that a page asks for: its origin is trusted, and
 * tracers add headers of their own.
 */
export const crossOrigin = (isAllowed: (request: Request) => boolean) =>
  new Elysia({ name: 'cross-origin' })
    .use(
      cors({
        // A function, since the plugin compares strings without their scheme, too.
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
