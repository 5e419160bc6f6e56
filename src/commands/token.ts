import { signToken } from '../auth/shared-secret'
import { readConfig } from '../config'

/** Prints a token of one hour for the user given, signed as Better Auth would with this secret. */
try {
  const { keys } = readConfig(process.env).auth
  if (keys.kind === 'published')
    throw new Error('BETTER_AUTH_JWKS_URL is set: only tokens of that issuer are accepted')
  if (!process.env.BETTER_AUTH_SECRET)
    throw new Error('BETTER_AUTH_SECRET is not set: bun run dev makes a .env')
  console.log(await signToken(keys.secret, process.argv[2] ?? 'demo-user', '1h'))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
