import { type Evidence, TokenRefused } from './errors'
import { printable } from './printable'

/** Three segments of base64url without padding (RFC 7515, section 3.1). */
const compactForm = /^[\w-]+\.[\w-]*\.[\w-]*$/

/** Base64url has several spellings of the same bytes; only the one that an encoder writes counts. */
const isCanonical = (segment: string) => Buffer.from(segment, 'base64url').toString('base64url') === segment

/** What JavaScript writes for a value that a client forgot to fetch. */
const forgotten = new Set(['undefined', 'null', '[object Object]', '[object Promise]', 'NaN', 'false'])

/** Describes the form of a token by its size alone. */
const describe = (token: string): Evidence => {
  const segments = token.split('.').length
  const expected = 'three segments of base64url'
  if (token === '') return { expected, found: 'nothing' }
  if (forgotten.has(token)) return { expected, found: printable(token), hint: 'the client sent no token' }
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

/** Checks that a token has the form of a signed JWT. Throws TokenRefused. */
export const checkForm = (token: string): void => {
  if (!compactForm.test(token) || !token.split('.').every(isCanonical))
    throw new TokenRefused('token_malformed', describe(token))
}
