import { decodeProtectedHeader } from 'jose'
import { type Claims, checkOrigin, checkTimes, type Expected, userIdOf } from './claims'
import { createLruCache } from './lru-cache'
import { checkForm } from './token-form'
import { checkType } from './token-type'

/**
 * Verifies a token's signature. `until`, on the monotonic clock in milliseconds, ends the time for which
 * that may be taken for granted. Throws TokenRefused.
 */
export type Verify = (token: string) => Promise<{ claims: Claims; until: number }>
/** Returns the user of a token, at once if the token is cached. Throws TokenRefused. */
export type Authenticate = (token: string) => string | Promise<string>

interface VerifiedToken {
  userId: string
  exp?: number
  nbf?: number
  until: number
}

const maxEntries = 10_000
const maxTokenLength = 4096

/**
 * Creates the function from a token to its user. A verified token is cached until it expires or its key
 * must be looked at again, since verifying costs a hop through another thread; a rejected one never is.
 *
 * @param onEndlessToken is called for an accepted token without `exp`, which is valid for ever.
 */
export const createAuthenticate = (
  verify: Verify,
  expected: Expected = {},
  onEndlessToken: () => void = () => {},
): Authenticate => {
  const verified = createLruCache<string, VerifiedToken>(maxEntries)

  const examine = async (token: string) => {
    checkForm(token)
    const { claims, until } = await verify(token)
    checkType(decodeProtectedHeader(token).typ)
    checkTimes(claims)
    checkOrigin(claims, expected)
    const userId = userIdOf(claims)
    const { exp, nbf } = claims
    if (exp === undefined) onEndlessToken()
    if (token.length <= maxTokenLength) verified.set(token, { userId, exp, nbf, until })
    return userId
  }

  return (token) => {
    const known = verified.get(token)
    if (!known || performance.now() >= known.until) return examine(token)
    checkTimes(known)
    return known.userId
  }
}
