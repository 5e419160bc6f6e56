import { name } from '../../package.json'
import { Unauthorized } from '../errors'

/** Where metadata of a protected resource is found (RFC 9728, section 3). */
const wellKnown = '/.well-known/oauth-protected-resource'

/**
 * The public address of the metadata of a resource (RFC 9728, section 3.1). What precedes `/mcp` in its
 * path is a prefix, which a proxy in front strips from the address of the metadata, too.
 */
export const metadataUrlOf = (resource: string): string => {
  const { origin, pathname } = new URL(resource)
  const [, prefix] = /^(.*)\/mcp\/?$/.exec(pathname) ?? []
  if (prefix !== undefined) return `${origin}${prefix}${wellKnown}/mcp`
  return `${origin}${wellKnown}${pathname === '/' ? '' : pathname}`
}

/**
 * The paths of this service that serve the metadata of a resource: those of /mcp and of its host, and the one in
 * its public address, in case a proxy renames /mcp.
 */
export const metadataPathsOf = (resource: string): Set<string> =>
  new Set([`${wellKnown}/mcp`, wellKnown, new URL(metadataUrlOf(resource)).pathname])

/** What clients read to find the authorization server (RFC 9728, section 2). */
export const metadataOf = ({ resource, issuer }: { resource: string; issuer: string }) => ({
  resource,
  authorization_servers: [issuer],
  bearer_methods_supported: ['header'],
  resource_name: name,
})

/** Adds the address of the metadata to the challenge of a 401 (RFC 9728, section 5.1). */
export const challengeWith = (metadataUrl: string | undefined, error: unknown): unknown => {
  if (metadataUrl === undefined || !(error instanceof Unauthorized)) return error
  const challenge = error.headers['www-authenticate']
  const separator = challenge === 'Bearer' ? ' ' : ', '
  error.headers['www-authenticate'] = `${challenge}${separator}resource_metadata="${metadataUrl}"`
  return error
}
