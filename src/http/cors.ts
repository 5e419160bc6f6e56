import { cors } from '@elysiajs/cors'
import { type Context, Elysia } from 'elysia'
import { methods } from '../errors'
import { brief, type Log } from '../log'

type Headers = Context['set']['headers']

/** Names of headers, separated by commas (RFC 9110, section 5.1). */
const namesOfHeaders = /^[\w!#$%&'*+.^`|~, \t-]+$/

/**
 * Answers a preflight request: these methods, and every requested header, are allowed, since the origin is trusted
 * and tracing libraries add headers.
 */
export const allowRequested = (headers: Headers, request: Request, allowed: readonly string[]): void => {
  const requested = request.headers.get('access-control-request-headers') ?? ''
  headers['access-control-allow-methods'] = allowed.join(', ')
  // A browser may remember this for 10 minutes.
  headers['access-control-max-age'] = '600'
  if (namesOfHeaders.test(requested)) headers['access-control-allow-headers'] = requested
  headers.vary = 'Origin, Access-Control-Request-Headers'
}

/** The maximum number of refused origins that are logged. */
const maxWarned = 100

/**
 * Returns the function that logs a refused origin, once: the browser reports an error to its user alone, and
 * the cause is a missing entry in CORS_ORIGINS.
 */
const createWarning = (log: Log) => {
  const warned = new Set<string>()
  return (origin: string): void => {
    if (warned.has(origin) || warned.size > maxWarned) return
    warned.add(origin)
    if (warned.size > maxWarned) log.warn('pages of more origins that are not in CORS_ORIGINS were refused')
    else log.warn('a page was refused, since its origin is not in CORS_ORIGINS', { origin })
  }
}

/**
 * Allows pages of the origins that are accepted, and no others, to call this API
 * (https://elysiajs.com/plugins/cors). The plugin would answer preflight requests before the log sees them, with a
 * fixed list of headers, so they have a route here.
 */
export const crossOrigin = (log: Log, isOriginAllowed: (request: Request) => boolean) => {
  const warn = createWarning(log)

  return new Elysia({ name: 'cross-origin', detail: { hide: true } })
    .use(
      cors({
        // A function, because the plugin would also match strings without their scheme.
        origin(request) {
          const isAllowed = isOriginAllowed(request)
          const origin = request.headers.get('origin')
          const isOwn = origin?.endsWith(`://${request.headers.get('host')}`)
          if (origin !== null && !isAllowed && !isOwn) warn(brief(origin))
          return isAllowed
        },
        methods: false,
        allowedHeaders: ['Authorization', 'Content-Type', 'X-Request-Id'],
        exposeHeaders: ['Allow', 'Location', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id'],
        preflight: false,
      }),
    )
    .options('/*', ({ request, set }) => {
      set.status = 204
      if (set.headers['access-control-allow-origin']) allowRequested(set.headers, request, methods)
    })
}
