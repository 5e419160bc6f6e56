import { createOriginCheck } from '../http/origins'

/** Host names of this machine. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

/**
 * Whether a page on localhost calls this service on localhost, and not by a foreign name that resolves to it
 * (DNS rebinding).
 */
const isLocal = (origin: string, request: Request): boolean => {
  const [, host = ''] = /^https?:\/\/([^/]+)$/i.exec(origin) ?? []
  return loopback.test(host) && loopback.test(request.headers.get('host') ?? '')
}

/**
 * Returns the function that checks whether a request comes from a page of one of these origins. For /mcp, a page
 * on localhost is also allowed, with any port, if the request itself is for localhost, because local assistants
 * use random ports.
 */
export const createRequestOriginCheck = (origins: readonly string[]) => {
  const isListed = createOriginCheck(origins)
  return (request: Request): boolean => {
    const origin = request.headers.get('origin')
    if (origin === null) return false
    return isListed(origin) || (isOfMcp(request.url) && isLocal(origin, request))
  }
}

const isOfMcp = (url: string) => /^\/mcp\/?(?:\?|$)/.test(url.slice(url.indexOf('/', 8)))
