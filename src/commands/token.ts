import { userIdOf } from '../auth/claims'
import { signToken } from '../auth/shared-secret'
import { readConfig } from '../config'

/** Prints a token of one hour for the user given, signed as Better Auth would with this secret. */
try {
  // A token needs no database, so it can be had without naming one.
  const { keys } = readConfig({ DATABASE_URL: ':memory:', ...process.env }).auth
  if (keys.kind === 'published')
    throw new Error('BETTER_AUTH_JWKS_URL is set: only tokens of that issuer are accepted')
  if (keys.isRandom) throw new Error('BETTER_AUTH_SECRET is not set: bun run dev makes a .env with one')
  const user = userIdOf({ sub: process.argv[2] ?? 'demo-user' })
  console.log(await signToken(keys.secret, user, '1h'))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
