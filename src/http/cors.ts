import { cors } from '@elysiajs/cors'
import { type Context, Elysia } from 'elysia'
import { methods } from './method-not-allowed'

/** Headers that a page may send by default. */
const usualHeaders = ['Authorization', 'Content-Type', 'X-Request-Id']

/** Response headers that a page may read. */
const readableHeaders = ['Allow', 'Location', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id']

/** How long a browser may cache the response to a preflight request, in seconds. */
const maxAgeS = 600

/** Names of headers, separated by commas (RFC 9110, section 5.1). */
const namesOfHeaders = /^[\w!#$%&'*+.^`|~, \t-]+$/

/** Answers a preflight request: these methods, and every requested header, are allowed. */
export const allowRequested = (
  headers: Context['set']['headers'],
  request: Request,
  allowed: readonly string[],
) => {
  const requested = request.headers.get('access-control-request-headers') ?? ''
  headers['access-control-allow-methods'] = allowed.join(', ')
  headers['access-control-max-age'] = String(maxAgeS)
  if (namesOfHeaders.test(requested)) headers['access-control-allow-headers'] = requested
  headers.vary = 'Origin, Access-Control-Request-Headers'
}

/**
 * Allows pages of the origins that are accepted, and no others, to call this API. The plugin would answer
 * preflight requests before the log sees them, and would not complete `Vary`, so they have a route here.
 * Every requested header is allowed: the origin is trusted, and tracing libraries add headers.
 */
export const crossOrigin = (isOriginAllowed: (request: Request) => boolean) =>
  new Elysia({ name: 'cross-origin' })
    .use(
      cors({
        // A function, because the plugin would also match strings without their scheme.
        origin: isOriginAllowed,
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
        if (set.headers['access-control-allow-origin']) allowRequested(set.headers, request, methods)
      },
      { detail: { hide: true } },
    )
