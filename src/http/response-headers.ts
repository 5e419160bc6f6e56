import { Elysia } from 'elysia'
import type { Shutdown } from './shutdown'

/** What a caller may send as X-Request-Id: visible characters that need no escaping in a log. */
const validRequestId = /^[\w.:/+=@-]{1,128}$/

const requestIdOf = (request: Request) => {
  const given = request.headers.get('x-request-id')
  return given !== null && validRequestId.test(given) ? given : crypto.randomUUID()
}

/** Whether a URL is that of /api or /mcp, or of anything under them. */
const isOfUser = (url: string) => {
  // The first slash after http:// or https://, as Elysia finds the path.
  const start = url.indexOf('/', 8)
  if (!url.startsWith('/api', start) && !url.startsWith('/mcp', start)) return false
  const next = url[start + 4]
  return next === undefined || next === '/' || next === '?'
}

/**
 * Adds the headers of every response, errors included, in one hook: each hook costs every response.
 * Under /api and /mcp a response is one user's, so no cache may store it (RFC 9111, section 5.2.2.5), and no
 * browser may take its text for a page or a script.
 */
export const responseHeaders = (shutdown: Shutdown) =>
  new Elysia({ name: 'response-headers' }).onRequest(({ request, set: { headers } }) => {
    headers['x-request-id'] = requestIdOf(request)
    if (isOfUser(request.url)) {
      headers['cache-control'] = 'no-store'
      headers['x-content-type-options'] = 'nosniff'
    }
    // Clients leave, so that no request meets a connection that is being closed.
    if (shutdown.hasBegun) headers.connection = 'close'
  })
