import { characters } from '../schemas/text'
import { TokenRejected } from './errors'
import { nearMiss } from './near-miss'
import { kindOf, printable } from './printable'

export interface Claims {
  sub?: unknown
  userId?: unknown
  iss?: unknown
  aud?: unknown
  exp?: number
  nbf?: number
  [name: string]: unknown
}

/** The last second that a Date can represent. */
const lastSecond = 8.64e12

const moment = (seconds: number) =>
  Math.abs(seconds) <= lastSecond ? new Date(seconds * 1000).toISOString() : String(seconds)

/** Checks `exp` and `nbf` to the second (RFC 7519, sections 4.1.4 and 4.1.5). Throws TokenRejected. */
export const checkTimes = ({ exp, nbf }: Pick<Claims, 'exp' | 'nbf'>, now = Date.now()): void => {
  const seconds = Math.floor(now / 1000)
  if (exp !== undefined && exp <= seconds)
    throw new TokenRejected('token_expired', {
      expected: `exp after ${moment(seconds)}`,
      found: `${moment(exp)}, ${seconds - exp} s earlier`,
    })
  if (nbf !== undefined && nbf > seconds)
    throw new TokenRejected('token_not_yet_valid', {
      expected: `nbf up to ${moment(seconds)}`,
      found: `${moment(nbf)}, ${nbf - seconds} s later`,
      hint: 'compare the clocks of the issuer and of this machine',
    })
}

export interface Expected {
  issuer?: string
  audience?: string
  /** The variables that these come from, for hints; those of the API unless stated. */
  variables?: { issuer: string; audience: string }
}

const variablesOfApi = { issuer: 'BETTER_AUTH_ISSUER', audience: 'BETTER_AUTH_AUDIENCE' }

const hintAt = (variable: string, expected: string, found: readonly unknown[]) => {
  const [difference] = found.flatMap((candidate) => nearMiss(expected, candidate) ?? [])
  return difference && `the two differ only by ${difference}: ${variable} must be exactly what the token has`
}

/** Checks `iss` and `aud`, if they are configured (RFC 7519, sections 4.1.1 and 4.1.3). */
const checkIssuerAndAudience = ({ iss, aud }: Claims, expected: Expected): void => {
  const { issuer, audience, variables = variablesOfApi } = expected
  if (issuer !== undefined && iss !== issuer)
    throw new TokenRejected('token_issuer', {
      expected: printable(issuer),
      found: printable(iss),
      hint: hintAt(variables.issuer, issuer, [iss]),
    })
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud]
  if (audience !== undefined && !audiences.includes(audience))
    throw new TokenRejected('token_audience', {
      expected: printable(audience),
      found: printable(aud),
      hint: hintAt(variables.audience, audience, audiences),
    })
}

/**
 * Repeats the checks of jose to find the claim that failed. Throws TokenRejected for that claim; returns if none
 * failed.
 */
export const checkClaims = (claims: Claims, expected: Expected): void => {
  for (const name of ['exp', 'nbf', 'iat'])
    if (claims[name] !== undefined && typeof claims[name] !== 'number')
      throw new TokenRejected('token_claims', {
        expected: `${name} as a number`,
        found: kindOf(claims[name]),
      })
  checkTimes(claims)
  checkIssuerAndAudience(claims, expected)
}

const maxUserIdLength = 255

/**
 * The user that a token names: `sub`, or `userId` if there is no `sub`. An unusable `sub` is not
 * replaced by `userId`. Throws TokenRejected.
 */
export const userIdOf = (claims: Claims): string => {
  const id = 'sub' in claims ? claims.sub : claims.userId
  const isUsable =
    typeof id === 'string' &&
    id.trim() !== '' &&
    characters(id) <= maxUserIdLength &&
    id.isWellFormed() &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it rejects
    !/[\u0000-\u001f\u007f-\u009f]/.test(id)
  if (!isUsable)
    throw new TokenRejected('token_user', {
      expected: `sub, or else userId: 1 to ${maxUserIdLength} characters, not only blanks, none of them a control character`,
      found: `sub ${kindOf(claims.sub)}, userId ${kindOf(claims.userId)}`,
    })
  return id
}
