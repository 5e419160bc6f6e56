import { createOriginCheck } from '../http/origins'

/** The names of this machine for itself. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

/**
 * Whether a page of this machine calls this machine by its own name: not by a name of somebody's that now
 * resolves to it (DNS rebinding).
 */
const isLocal = (origin: string, request: Request): boolean => {
  const [, host = ''] = /^https?:\/\/([^/]+)$/i.exec(origin) ?? []
  return loopback.test(host) && loopback.test(request.headers.get('host') ?? '')
}

/**
 * The function that tells whether the page that sends a request may: one of these origins, or for /mcp one
 * of this machine, if it is called as such, since assistants with a page on localhost have any port.
 */
export const createCallerCheck = (origins: readonly string[]) => {
  const isListed = createOriginCheck(origins)
  return (request: Request): boolean => {
    const origin = request.headers.get('origin')
    if (origin === null) return false
    return isListed(origin) || (isOfMcp(request.url) && isLocal(origin, request))
  }
}

const isOfMcp = (url: string) => /^\/mcp\/?(?:\?|$)/.test(url.slice(url.indexOf('/', 8)))
