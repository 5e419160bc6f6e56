import { characters } from '../schemas/text'
import { TokenRefused } from './errors'

export interface Claims {
  sub?: unknown
  userId?: unknown
  iss?: unknown
  aud?: unknown
  exp?: number
  nbf?: number
  [name: string]: unknown
}

/** `exp` and `nbf` to the second (RFC 7519, sections 4.1.4 and 4.1.5). Throws TokenRefused. */
export const checkTimes = ({ exp, nbf }: Pick<Claims, 'exp' | 'nbf'>, now = Date.now()): void => {
  const seconds = Math.floor(now / 1000)
  if (exp !== undefined && exp <= seconds) throw new TokenRefused('token_expired')
  if (nbf !== undefined && nbf > seconds) throw new TokenRefused('token_not_yet_valid')
}

export interface Expected {
  issuer?: string
  audience?: string
}

/** `iss` and `aud`, where they are expected (RFC 7519, sections 4.1.1 and 4.1.3). Throws TokenRefused. */
export const checkOrigin = ({ iss, aud }: Claims, { issuer, audience }: Expected): void => {
  if (issuer !== undefined && iss !== issuer) throw new TokenRefused('token_issuer')
  const audiences = Array.isArray(aud) ? aud : [aud]
  if (audience !== undefined && !audiences.includes(audience)) throw new TokenRefused('token_audience')
}

const longestUserId = 255

/**
 * The user that a token names: `sub`, or `userId` where there is no `sub`. A `sub` that is there but
 * unusable is not made good by `userId`. Throws TokenRefused.
 */
export const userIdOf = (claims: Claims): string => {
  const id = 'sub' in claims ? claims.sub : claims.userId
  const isUsable =
    typeof id === 'string' &&
    id.trim() !== '' &&
    characters(id) <= longestUserId &&
    id.isWellFormed() &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
    !/[\u0000-\u001f\u007f-\u009f]/.test(id)
  if (!isUsable) throw new TokenRefused('token_user')
  return id
}
