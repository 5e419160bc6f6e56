import { userIdOf } from '../auth/claims'
import { signToken } from '../auth/shared-secret'
import { readConfig } from '../config'

/** Prints a token of one hour for the user given, signed as Better Auth would with this secret. */
try {
  const { BETTER_AUTH_JWKS_URL: published, BETTER_AUTH_SECRET: secret } = process.env
  if (!published && !secret)
    throw new Error('BETTER_AUTH_SECRET is not set: bun run dev makes a .env with one')
  const { keys } = readConfig(process.env).auth
  if (keys.kind === 'published')
    throw new Error('BETTER_AUTH_JWKS_URL is set: only tokens of that issuer are accepted')
  const user = userIdOf({ sub: process.argv[2] ?? 'demo-user' })
  console.log(await signToken(keys.secret, user, '1h'))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
