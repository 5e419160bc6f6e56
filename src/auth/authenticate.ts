import { decodeProtectedHeader } from 'jose'
import { type Claims, checkOrigin, checkTimes, type Expected, userIdOf } from './claims'
import { checkForm } from './token-form'
import { checkType } from './token-type'

/**
 * Checks a token's signature. `until`, on the monotonic clock in milliseconds, ends the time for which
 * that may be taken for granted. Throws TokenRefused.
 */
export type Verify = (token: string) => Promise<{ claims: Claims; until: number }>
/** Gives the user at once where the token is remembered. */
export type Authenticate = (token: string) => string | Promise<string>

interface Remembered {
  userId: string
  exp?: number
  nbf?: number
  until: number
}

/** Bounds of the memory: at the most 10,000 tokens of 4,096 characters each. */
const most = 10_000
const longest = 4096

/**
 * Makes the function from a token to its user (FR-011). A token that verified is remembered until
 * it expires or its key must be looked at again, since verifying costs a hop through another thread; one that failed never is.
 * The function throws TokenRefused.
 *
 * @param onEndlessToken is called for an accepted token without `exp`, which is valid for ever.
 */
export const createAuthenticate = (
  verify: Verify,
  expected: Expected = {},
  onEndlessToken: () => void = () => {},
): Authenticate => {
  const remembered = new Map<string, Remembered>()

  const remember = (token: string, entry: Remembered) => {
    if (token.length > longest) return
    // The oldest goes first: Maps keep the order in which keys were added.
    for (const [oldest] of remembered) {
      if (remembered.size < most) break
      remembered.delete(oldest)
    }
    remembered.set(token, entry)
  }

  const examine = async (token: string) => {
    checkForm(token)
    const { claims, until } = await verify(token)
    checkType(decodeProtectedHeader(token).typ)
    checkTimes(claims)
    checkOrigin(claims, expected)
    const userId = userIdOf(claims)
    if (claims.exp === undefined) onEndlessToken()
    remember(token, { userId, exp: claims.exp, nbf: claims.nbf, until })
    return userId
  }

  return (token) => {
    const known = remembered.get(token)
    if (!known || performance.now() >= known.until) return examine(token)
    checkTimes(known)
    return known.userId
  }
}
