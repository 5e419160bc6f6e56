import type { Environment } from './environment'
import type { Report } from './report'

/** Better Auth's publicly known default secret. */
const betterAuthDefaultSecret = 'better-auth-secret-12345678901234567890'
/** The minimum key length of HS256, which is that of its hash (RFC 7518, section 3.2). */
const secretLength = 32

export type Keys = { kind: 'shared'; secret: string } | { kind: 'published'; url: URL }

type Variables = Pick<
  Partial<Environment>,
  'BETTER_AUTH_SECRET' | 'BETTER_AUTH_JWKS_URL' | 'BETTER_AUTH_ISSUER' | 'BETTER_AUTH_AUDIENCE' | 'NODE_ENV'
>

/** Whether the stricter rules for production apply. */
export const isProduction = ({ NODE_ENV }: Variables) => NODE_ENV === 'production'

export const createSecret = () => crypto.getRandomValues(Buffer.alloc(secretLength)).toString('base64url')

/** Reads how tokens are verified: with the issuer's published keys, otherwise with the shared secret. */
export const readKeys = (env: Variables, report: Report): { keys: Keys; warnings: string[] } => {
  const address = env.BETTER_AUTH_JWKS_URL
  if (address === undefined) return readSecret(env, report)
  const warnings: string[] = []
  const url = URL.parse(address)
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (!url || !isWeb) report('BETTER_AUTH_JWKS_URL', 'must be a URL with the scheme https or http')
  else if (isProduction(env) && url.protocol === 'http:')
    warnings.push(
      'BETTER_AUTH_JWKS_URL is not https: anyone on the network path can replace the keys of the issuer',
    )
  return { keys: { kind: 'published', url: url ?? new URL('about:blank') }, warnings }
}

/** Reads the shared secret: strict rules in production, otherwise a random secret by default. */
const readSecret = (env: Variables, report: Report) => {
  const warnings: string[] = []
  const isStrict = isProduction(env)
  const advise = (message: string) =>
    isStrict ? report('BETTER_AUTH_SECRET', message) : warnings.push(`BETTER_AUTH_SECRET ${message}`)
  const given = env.BETTER_AUTH_SECRET
  if (given === undefined && isStrict)
    report('BETTER_AUTH_SECRET', 'is required in production, unless BETTER_AUTH_JWKS_URL is set')
  else if (given === undefined)
    warnings.push(
      'BETTER_AUTH_SECRET is not set: a random one is used for this run, so every token is rejected',
    )
  else if (given === betterAuthDefaultSecret)
    advise("is Better Auth's published default: anyone can sign tokens with it")
  else if (given.length < secretLength) advise(`has fewer than ${secretLength} characters`)
  const keys: Keys = { kind: 'shared', secret: given ?? createSecret() }
  return { keys, warnings }
}
