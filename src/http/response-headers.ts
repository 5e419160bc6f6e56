import { Elysia } from 'elysia'
import type { Shutdown } from './shutdown'

/** An acceptable X-Request-Id: visible characters that need no escaping in a log. */
const validRequestId = /^[\w.:/+=@-]{1,128}$/

const requestIdOf = (request: Request) => {
  const given = request.headers.get('x-request-id')
  return given !== null && validRequestId.test(given) ? given : crypto.randomUUID()
}

/** Whether responses may contain a user's data: those of /api, /mcp and everything under them. */
const isPrivate = (url: string) => {
  // The first slash after http:// or https://, as Elysia finds the path.
  const start = url.indexOf('/', 8)
  if (!url.startsWith('/api', start) && !url.startsWith('/mcp', start)) return false
  const next = url[start + 4]
  return next === undefined || next === '/' || next === '?'
}

/**
 * Adds the headers of every response, including errors, in a single hook. Responses under /api and /mcp are
 * private, so no cache may store them (RFC 9111, section 5.2.2.5), and no browser may interpret them as a
 * page or a script.
 */
export const responseHeaders = (shutdown: Shutdown) =>
  new Elysia({ name: 'response-headers' }).onRequest(({ request, set: { headers } }) => {
    headers['x-request-id'] = requestIdOf(request)
    if (isPrivate(request.url)) {
      headers['cache-control'] = 'no-store'
      headers['x-content-type-options'] = 'nosniff'
    }
    // Asks clients to close their connections, so that none sends a request on one that is being closed.
    if (shutdown.hasBegun) headers.connection = 'close'
  })
