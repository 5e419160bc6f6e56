import type { AuthConfig } from '../config'

/** A warning if every token that a published key verifies is accepted, whatever its issuer or audience. */
export const uncheckedClaims = ({ keys, issuer, audience }: AuthConfig): string[] => {
  if (keys.kind === 'shared') return []
  const missing = [
    ...(issuer === undefined ? [{ variable: 'BETTER_AUTH_ISSUER', claim: 'iss' }] : []),
    ...(audience === undefined ? [{ variable: 'BETTER_AUTH_AUDIENCE', claim: 'aud' }] : []),
  ]
  if (missing.length === 0) return []
  const variables = missing.map(({ variable }) => variable).join(' and ')
  const claims = missing.map(({ claim }) => `any ${claim}`).join(' and ')
  const verb = missing.length > 1 ? 'are' : 'is'
  const accepted = `every token that a published key verifies is accepted, with ${claims}, such as an ID token for another client`
  // Better Auth's jwt plugin uses the origin of its baseURL for both, by default.
  return [
    `${variables} ${verb} not set: ${accepted}; with Better Auth's defaults the value is ${keys.url.origin}`,
  ]
}
