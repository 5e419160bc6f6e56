import { jwt } from '@elysiajs/jwt'
import { jwtVerify } from 'jose'
import type { Verify } from './authenticate'
import type { Claims } from './claims'
import { reasonIn, TokenRefused } from './errors'
import { evidenceIn } from './evidence'

const algorithm = 'HS256'

/** Verifies tokens that Better Auth signs with HS256 and the shared secret. */
export const createSharedSecretVerifier = (secret: string): Verify => {
  const { verify } = jwt({ secret, alg: algorithm }).decorator.jwt
  // With this tolerance no token is ever early or late: the times are checked by whoever calls, for
  // remembered tokens too.
  const options = { algorithms: [algorithm], clockTolerance: Number.MAX_VALUE }
  const key = new TextEncoder().encode(secret)

  return async (token) => {
    const claims = await verify(token, options)
    if (claims) return { claims: claims as Claims, until: Number.POSITIVE_INFINITY }
    // The plugin hides why it refuses; jose, on which it is built, tells.
    const cause = await jwtVerify(token, key, options).then(
      () => undefined,
      (error) => error,
    )
    const code = reasonIn(cause)
    const expectations = { algorithms: [algorithm], key: 'BETTER_AUTH_SECRET' }
    throw new TokenRefused(code, evidenceIn(code, token, cause, expectations), { cause })
  }
}
