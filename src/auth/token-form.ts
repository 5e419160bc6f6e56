import { type Evidence, TokenRejected } from './errors'
import { printable } from './printable'

/** Three segments of base64url without padding (RFC 7515, section 3.1). */
const compactForm = /^[\w-]+\.[\w-]*\.[\w-]*$/

/** Base64url can encode the same bytes in several ways. Only the canonical one is accepted. */
const isCanonical = (segment: string) => Buffer.from(segment, 'base64url').toString('base64url') === segment

/** What JavaScript inserts into a string in place of a missing value. */
const placeholders = new Set(['undefined', 'null', '[object Object]', '[object Promise]', 'NaN', 'false'])

/** Describes a malformed token without revealing any of it. */
const describe = (token: string): Evidence => {
  const segments = token.split('.').length
  const expected = 'three segments of base64url'
  if (token === '') return { expected, found: 'nothing' }
  if (placeholders.has(token)) return { expected, found: printable(token), hint: 'the client sent no token' }
  return {
    expected,
    found:
      segments === 3
        ? 'other characters'
        : `${segments} segment${segments === 1 ? '' : 's'}, ${token.length} characters`,
    ...(segments < 3 && { hint: 'a session token of Better Auth is no JWT: its /token endpoint issues one' }),
    ...(segments === 5 && { hint: 'this is an encrypted token (JWE)' }),
  }
}

/** Checks that a token has the form of a signed JWT. Throws TokenRejected. */
export const checkForm = (token: string): void => {
  if (!compactForm.test(token) || !token.split('.').every(isCanonical))
    throw new TokenRejected('token_malformed', describe(token))
}
