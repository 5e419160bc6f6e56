import { errors, type ProtectedHeaderParameters as Header } from 'jose'
import { Unauthorized } from '../errors'
import type { Verifier } from './verify'

/** Why a token is rejected: a stable code for logs and tests, and the sentence for the client. */
const sentences = {
  token_missing: 'An access token is needed: Authorization: Bearer <JWT>.',
  token_malformed: 'The access token is not a well-formed JWT.',
  token_algorithm: 'The access token is signed with an algorithm that is not accepted.',
  token_unsupported: 'The access token has a critical header that is not supported.',
  token_key: 'The signature of the access token is not valid.',
  token_signature: 'The signature of the access token is not valid.',
  token_type: 'The token is a JWT of another type than an access token.',
  token_expired: 'The access token has expired.',
  token_not_yet_valid: 'The access token is not valid yet.',
  token_claims: 'The access token holds a claim that is not valid.',
  token_issuer: 'The access token comes from another issuer.',
  token_audience: 'The access token is meant for another audience.',
  token_user: 'The access token does not name a user.',
  token_bound: 'The access token is bound to a key, which is not supported.',
}

/** A 401. The code, and what was expected and found, are for the log only. */
export class TokenRejected extends Unauthorized {
  constructor(
    readonly code: keyof typeof sentences,
    readonly expected: string,
    readonly found: string,
  ) {
    super(sentences[code], code !== 'token_missing')
  }
}

/** Renders an untrusted value for the log as short JSON in ASCII, so that it cannot imitate another field or line. */
export const show = (value: unknown): string => {
  const json = JSON.stringify(value) ?? 'none'
  const start = json.length > 100 ? `${json.slice(0, 100)}…` : json
  return start.replace(/[^ -~…]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A time in seconds as a date; some numbers are none. */
const showTime = (seconds: number) => new Date(seconds * 1000).toJSON() ?? String(seconds)

type Reason = ConstructorParameters<typeof TokenRejected>

/** What the configuration requires of a token. */
export type Expected = { issuer?: string; audience?: string }
type Required = Expected & Verifier

const explainClaim = ({ claim, reason, payload }: errors.JWTExpired, required: Required): Reason => {
  const { exp = 0, nbf = 0, [claim]: value } = payload
  if (claim === 'iss') return ['token_issuer', show(required.issuer), show(value)]
  if (claim === 'aud') return ['token_audience', show(required.audience), show(value)]
  if (reason !== 'check_failed') return ['token_claims', `${claim} as a number`, show(value)]
  const now = Math.floor(Date.now() / 1000)
  if (claim === 'nbf')
    return ['token_not_yet_valid', `nbf up to ${showTime(now)}`, `${showTime(nbf)}, ${nbf - now} s later`]
  return ['token_expired', `exp after ${showTime(now)}`, `${showTime(exp)}, ${now - exp} s earlier`]
}

/** Why a token is rejected, by what was thrown while it was read; malformed if that is of no known type. */
export const explain = (error: unknown, { alg, kid, crit }: Header, required: Required): Reason => {
  if (error instanceof errors.JOSEAlgNotAllowed)
    return ['token_algorithm', required.algorithms.join(' or '), show(alg)]
  if (error instanceof errors.JOSENotSupported) return ['token_unsupported', 'no crit', show(crit)]
  if (error instanceof errors.JWKSNoMatchingKey)
    return ['token_key', required.describeKeys(), `the key ${show(kid)} for ${show(alg)}`]
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return ['token_signature', `a signature that matches ${required.describeKeys()}`, 'another signature']
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed)
    return explainClaim(error, required)
  return ['token_malformed', 'a signed JWT', show(String(error))]
}
