import { errors } from 'jose'

/** Why a token is rejected. Stable, for tests and logs. */
export type RejectionCode =
  | 'token_missing'
  | 'token_malformed'
  | 'token_algorithm'
  | 'token_unsupported'
  | 'token_key'
  | 'token_signature'
  | 'token_type'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_claims'
  | 'token_issuer'
  | 'token_audience'
  | 'token_user'
  | 'token_bound'

const details: Record<RejectionCode, string> = {
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

/** Maps an error of jose to the reason why a token is rejected. */
export const reasonIn = (error: unknown): RejectionCode => {
  if (error instanceof errors.JOSEAlgNotAllowed) return 'token_algorithm'
  if (error instanceof errors.JOSENotSupported) return 'token_unsupported'
  if (error instanceof errors.JWTExpired) return 'token_expired'
  if (error instanceof errors.JWTClaimValidationFailed) return 'token_claims'
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'token_malformed'
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'token_key'
  return 'token_signature'
}

/** What was expected of a token and what was found. For the log only, never for the client. */
export interface Evidence {
  expected?: string
  found?: string
  hint?: string
}

/** A rejected token. The message is for the client, the evidence for the log. */
export class TokenRejected extends Error {
  override name = 'TokenRejected'
  constructor(
    readonly code: RejectionCode,
    readonly evidence: Evidence,
    options?: ErrorOptions,
  ) {
    super(details[code], options)
  }
}
