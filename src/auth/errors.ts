/** Why a token is refused; stable, for tests and logs. */
export type RefusalCode =
  | 'token_missing'
  | 'token_malformed'
  | 'token_algorithm'
  | 'token_signature'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_claims'
  | 'token_issuer'
  | 'token_audience'
  | 'token_user'

const details: Record<RefusalCode, string> = {
  token_missing: 'An access token is needed: Authorization: Bearer <JWT>.',
  token_malformed: 'The access token is not a well-formed JWT.',
  token_algorithm: 'The access token is signed with an algorithm that is not accepted.',
  token_signature: 'The signature of the access token is not valid.',
  token_expired: 'The access token has expired.',
  token_not_yet_valid: 'The access token is not valid yet.',
  token_claims: 'The access token holds a claim that is not valid.',
  token_issuer: 'The access token comes from another issuer.',
  token_audience: 'The access token is meant for another audience.',
  token_user: 'The access token does not name a user.',
}

/** A token that does not let its bearer in. Its message is for the client. */
export class TokenRefused extends Error {
  override name = 'TokenRefused'
  constructor(
    readonly code: RefusalCode,
    options?: ErrorOptions,
  ) {
    super(details[code], options)
  }
}
