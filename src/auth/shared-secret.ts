import { createHmac, timingSafeEqual } from 'node:crypto'
import { jwt } from '@elysiajs/jwt'
import { Elysia } from 'elysia'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { Verify } from './authenticate'
import { type Claims, checkClaims, type Expected } from './claims'
import { type RejectionCode, TokenRejected } from './errors'
import { evidenceIn } from './evidence'
import { printable } from './printable'

const algorithm = 'HS256'

/** Adds `jwt` to the context: it verifies tokens that Better Auth signs with HS256 and this secret. */
export const sharedSecret = (secret: string) =>
  new Elysia({ name: 'shared-secret' }).use(jwt({ secret, alg: algorithm }))

/** Verifies tokens with the plugin, which returns false for a rejected one, and then finds the reason. */
export const createSharedSecretVerifier = (secret: string): Verify => {
  const isSigned = (token: string) => {
    const end = token.lastIndexOf('.')
    const signature = createHmac('sha256', secret).update(token.slice(0, end)).digest()
    const given = Buffer.from(token.slice(end + 1), 'base64url')
    return given.length === signature.length && timingSafeEqual(given, signature)
  }

  const reject = (code: RejectionCode, token: string, cause?: unknown): never => {
    const expectations = { algorithms: [algorithm], key: 'BETTER_AUTH_SECRET' }
    throw new TokenRejected(code, evidenceIn(code, token, cause, expectations))
  }

  const decode = <T>(token: string, decoder: (token: string) => T) => {
    try {
      return decoder(token)
    } catch (cause) {
      return reject('token_malformed', token, cause)
    }
  }

  /** Throws TokenRejected. The signature is checked before any claim. */
  const explain = (token: string, expected: Expected): never => {
    const { alg, crit } = decode(token, decodeProtectedHeader)
    if (alg !== algorithm) reject('token_algorithm', token)
    if (crit !== undefined)
      throw new TokenRejected('token_unsupported', { expected: 'no crit', found: printable(crit) })
    if (!isSigned(token)) reject('token_signature', token)
    checkClaims(decode(token, decodeJwt), expected)
    return reject('token_claims', token)
  }

  return async (token, expected, plugin) => {
    const { issuer, audience } = expected
    const claims = await plugin?.verify(token, { algorithms: [algorithm], issuer, audience })
    if (!claims) return explain(token, expected)
    return { claims: claims as Claims, until: Number.POSITIVE_INFINITY }
  }
}
