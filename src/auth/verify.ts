import { jwt } from '@elysiajs/jwt'
import { Elysia } from 'elysia'
import { type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'

/** Verifies tokens that Better Auth signs with the shared secret. */
export const createSecretVerifier = (secret: string) => {
  const plugin = new Elysia().use(jwt({ secret, alg: 'HS256' })).decorator.jwt
  const key = new TextEncoder().encode(secret)
  return {
    algorithms: ['HS256'],
    /** What verifies a signature, in words. */
    describeKeys: () => 'BETTER_AUTH_SECRET',
    /** Returns the claims of a token whose signature and times are valid, and what the options require. */
    async verify(token: string, options: JWTVerifyOptions) {
      const claims = await plugin.verify(token, options)
      // For a token that is not valid the plugin returns false. jose says why.
      return claims ? (claims as JWTPayload) : (await jwtVerify(token, key, options)).payload
    },
  }
}

export type Verifier = ReturnType<typeof createSecretVerifier>
