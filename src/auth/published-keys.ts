import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { Verify } from './authenticate'
import { type Claims, checkClaims } from './claims'
import { reasonIn, TokenRejected } from './errors'
import { evidenceIn } from './evidence'
import { type KeySet, KeySetUnavailable } from './key-set'

/** The asymmetric algorithms that Better Auth offers; a token's header chooses among these alone. */
const algorithms = ['EdDSA', 'Ed25519', 'ES256', 'ES512', 'PS256', 'RS256']

const hasClaims = (error: unknown) =>
  error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed

/** Verifies tokens against the keys that Better Auth publishes (RFC 7517). Throws KeySetUnavailable. */
export const createPublishedKeysVerifier =
  (keySet: KeySet): Verify =>
  async (token, expected) => {
    let until = 0
    const getKey: JWTVerifyGetKey = async (header, input) => {
      const key = await keySet.getKey(header, input)
      until = keySet.freshUntil
      return key
    }
    try {
      const { issuer, audience } = expected
      const { payload } = await jwtVerify(token, getKey, { algorithms, issuer, audience })
      return { claims: payload as Claims, until }
    } catch (cause) {
      if (cause instanceof KeySetUnavailable) throw cause
      if (hasClaims(cause)) checkClaims(cause.payload, expected)
      const code = reasonIn(cause)
      const key = `a published key: ${keySet.describeKeys()}`
      throw new TokenRejected(code, evidenceIn(code, token, cause, { algorithms, key }), { cause })
    }
  }
