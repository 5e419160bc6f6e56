import { decodeProtectedHeader, type JWTPayload, type JWTVerifyOptions } from 'jose'
import { type Claims, checkTimes, type Expected, userIdOf } from './claims'
import { createLruCache } from './lru-cache'
import { checkForm } from './token-form'
import { checkType } from './token-type'

/** What @elysiajs/jwt adds to the context of a request. */
export interface SharedSecret {
  verify(token: string, options: JWTVerifyOptions): Promise<JWTPayload | false>
}

/**
 * Verifies a token's signature, times, issuer and audience. `until` is when the token has to be verified again,
 * on the monotonic clock in milliseconds. Throws TokenRejected or KeySetUnavailable.
 */
export type Verify = (
  token: string,
  expected: Expected,
  sharedSecret?: SharedSecret,
) => Promise<{ claims: Claims; until: number }>

/** Returns the user of a token, at once if the token is cached. Throws TokenRejected or KeySetUnavailable. */
export type Authenticate = (token: string, sharedSecret?: SharedSecret) => string | Promise<string>

interface VerifiedToken {
  userId: string
  exp?: number
  nbf?: number
  until: number
}

const maxEntries = 10_000
/** Longer tokens are not cached, so that the size of the cache is limited. */
const maxTokenLength = 4096

/**
 * Creates the function from a token to its user. A verified token is cached until it expires or its key has
 * to be refreshed, because verification takes a hop through another thread (test/bench/README.md). Rejected tokens are not cached.
 *
 * @param onEndlessToken is called for an accepted token without `exp`, which never expires.
 */
export const createAuthenticate = (
  verify: Verify,
  expected: Expected = {},
  onEndlessToken: () => void = () => {},
): Authenticate => {
  const verified = createLruCache<string, VerifiedToken>(maxEntries)

  const examine = async (token: string, sharedSecret?: SharedSecret) => {
    checkForm(token)
    const { claims, until } = await verify(token, expected, sharedSecret)
    checkType(decodeProtectedHeader(token).typ)
    const userId = userIdOf(claims)
    const { exp, nbf } = claims
    if (exp === undefined) onEndlessToken()
    if (token.length <= maxTokenLength) verified.set(token, { userId, exp, nbf, until })
    return userId
  }

  return (token, sharedSecret) => {
    const known = verified.get(token)
    if (!known || performance.now() >= known.until) return examine(token, sharedSecret)
    checkTimes(known)
    return known.userId
  }
}
