import { Elysia } from 'elysia'
import type { Shutdown } from './shutdown'

/** An acceptable X-Request-Id: visible characters that need no escaping in a log. */
const validRequestId = /^[\w.:/+=@-]{1,128}$/

/**
 * Adds the headers of every response, including errors. By default none may be stored (RFC 9111, section
 * 5.2.2.5), and no browser may take it for a page or a script.
 */
export const responseHeaders = (shutdown: Shutdown) =>
  new Elysia({ name: 'response-headers' })
    .headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    .onRequest(({ request, set: { headers } }) => {
      const id = request.headers.get('x-request-id')
      headers['x-request-id'] = id !== null && validRequestId.test(id) ? id : crypto.randomUUID()
      // Asks clients to close their connections, so that none sends a request on one that is being closed.
      if (shutdown.hasBegun) headers.connection = 'close'
    })

/**
 * The Location of a new row, relative to the address that it was posted to (RFC 9110, section 10.2.2), so that it is
 * also right behind a proxy that strips a prefix.
 */
export const locationOf = (path: string, id: number): string => {
  const folder = path.slice(path.lastIndexOf('/') + 1)
  return folder ? `${folder}/${id}` : String(id)
}
