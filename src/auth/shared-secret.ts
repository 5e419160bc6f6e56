import { jwt } from '@elysiajs/jwt'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { Verify } from './authenticate'
import type { Claims } from './claims'
import { TokenRefused } from './errors'

const algorithm = 'HS256'

/** Verifies tokens that Better Auth signs with HS256 and the shared secret (FR-010). */
export const createSharedSecretVerifier = (secret: string): Verify => {
  const { verify } = jwt({ secret, alg: algorithm }).decorator.jwt
  return async (token) => {
    // The plugin hides why it refuses, so it is asked about the signature alone: with this
    // tolerance no token is ever early or late, and the times are checked by whoever calls.
    const claims = await verify(token, { algorithms: [algorithm], clockTolerance: Number.MAX_SAFE_INTEGER })
    if (!claims) throw new TokenRefused(reasonAgainst(token))
    return { claims: claims as Claims, until: Number.POSITIVE_INFINITY }
  }
}

/** What is wrong with a token that did not verify. */
const reasonAgainst = (token: string) => {
  try {
    const { exp, nbf } = decodeJwt(token)
    if (decodeProtectedHeader(token).alg !== algorithm) return 'token_algorithm'
    const isTime = (claim: unknown) => claim === undefined || typeof claim === 'number'
    return isTime(exp) && isTime(nbf) ? 'token_signature' : 'token_claims'
  } catch {
    return 'token_malformed'
  }
}

/** Signs a token as the issuer with this secret would; for trying things out. */
export const signToken = (secret: string, userId: string, expiresIn: string): Promise<string> =>
  jwt({ secret, alg: algorithm }).decorator.jwt.sign({ sub: userId, exp: expiresIn })
