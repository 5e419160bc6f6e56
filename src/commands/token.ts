import { SignJWT } from 'jose'
import { userIdOf } from '../auth/claims'
import { readVariables } from '../config/variables'

const lifetime = '1h'

const withPublishedKeys = `BETTER_AUTH_JWKS_URL is set: the service accepts only tokens that this issuer signs with its private key.
Sign in there and use its token (GET /api/auth/token with the session's cookie), or empty
BETTER_AUTH_JWKS_URL, set BETTER_AUTH_SECRET, and start the service again.`

const withoutSecret = `BETTER_AUTH_SECRET is not set, so a running service uses a random one. Run "bun run dev", which writes one
into .env, and restart any service that is running.`

/**
 * Creates a token for a user, signed with the shared secret and with the issuer and audience that the service
 * expects.
 */
const sign = (user: string): Promise<string> => {
  const { given } = readVariables()
  if (given.BETTER_AUTH_JWKS_URL !== undefined) throw new Error(withPublishedKeys)
  if (given.BETTER_AUTH_SECRET === undefined) throw new Error(withoutSecret)
  const token = new SignJWT({ sub: userIdOf({ sub: user }) })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime(lifetime)
  if (given.BETTER_AUTH_ISSUER !== undefined) token.setIssuer(String(given.BETTER_AUTH_ISSUER))
  if (given.BETTER_AUTH_AUDIENCE !== undefined) token.setAudience(String(given.BETTER_AUTH_AUDIENCE))
  return token.sign(new TextEncoder().encode(String(given.BETTER_AUTH_SECRET)))
}

try {
  console.log(await sign(process.argv[2] ?? 'demo-user'))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
