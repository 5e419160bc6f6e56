import { TokenRejected } from './errors'
import { printable } from './printable'

const accepted = new Set(['jwt', 'at+jwt'])

/**
 * Checks the `typ` of a token's header: absent, `JWT` or `at+jwt` (RFC 9068), so that a JWT which the issuer
 * signed for another purpose is no access token (RFC 8725, section 3.11). Case does not matter, nor does the
 * prefix `application/` (RFC 7515, section 4.1.9). Throws TokenRejected.
 */
export const checkType = (typ: unknown): void => {
  if (typ === undefined) return
  const name = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : ''
  if (!accepted.has(name))
    throw new TokenRejected('token_type', { expected: 'JWT, at+jwt or none', found: printable(typ) })
}
