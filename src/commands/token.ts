import { SignJWT } from 'jose'
import { userIdOf } from '../auth/authenticate'
import { TokenRejected } from '../auth/rejection'
import { readValues } from '../config/environment'
import { checkEnvFile } from './env-file'

const withPublishedKeys = `BETTER_AUTH_JWKS_URL is set: only tokens that this issuer signs are accepted. Sign in there and use its token
(GET /api/auth/token with the session's cookie), or empty BETTER_AUTH_JWKS_URL, set BETTER_AUTH_SECRET, and start the
service again.`

const withoutSecret = `BETTER_AUTH_SECRET is not set, so a running service accepts no token. Write BETTER_AUTH_SECRET= and the output
of "openssl rand -base64 32" into .env, and start it again. If there is no .env, "bun run dev" creates one with a secret.`

/** Creates a token for a user that the service accepts for an hour. */
const sign = (user: string): Promise<string> => {
  checkEnvFile('.env')
  const env = readValues(process.env)
  if (env.BETTER_AUTH_JWKS_URL !== undefined) throw new Error(withPublishedKeys)
  if (env.BETTER_AUTH_SECRET === undefined) throw new Error(withoutSecret)
  const claims = { iss: env.BETTER_AUTH_ISSUER, aud: env.BETTER_AUTH_AUDIENCE, sub: userIdOf({ sub: user }) }
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setIssuedAt().setExpirationTime('1h')
  return token.sign(new TextEncoder().encode(env.BETTER_AUTH_SECRET))
}

try {
  console.log(await sign(process.argv[2] ?? 'demo-user'))
} catch (error) {
  console.error(error instanceof TokenRejected ? `A user id is ${error.expected}.` : (error as Error).message)
  process.exit(1)
}
