import type { Environment } from './environment'
import type { Report } from './report'

/** The secret that Better Auth falls back to, known to everybody. */
const betterAuthDefaultSecret = 'better-auth-secret-12345678901234567890'
/** The length of the hash of HS256, which its key must have (RFC 7518, section 3.2). */
const secretLength = 32

export type Keys = { kind: 'shared'; secret: string; isRandom: boolean } | { kind: 'published'; url: URL }

type Variables = Pick<Partial<Environment>, 'BETTER_AUTH_SECRET' | 'BETTER_AUTH_JWKS_URL' | 'NODE_ENV'>

/** Whether the stricter rules apply. */
export const isProduction = ({ NODE_ENV }: Variables) => NODE_ENV === 'production'

export const createSecret = () => crypto.getRandomValues(Buffer.alloc(secretLength)).toString('base64url')

/** What tokens are verified with: the keys that the issuer publishes, or else the shared secret. */
export const readKeys = (env: Variables, report: Report): { keys: Keys; warnings: string[] } => {
  const address = env.BETTER_AUTH_JWKS_URL
  if (address === undefined) return readSecret(env, report)
  const warnings: string[] = []
  const url = URL.parse(address)
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (!url || !isWeb) report('BETTER_AUTH_JWKS_URL', 'must be a URL with the scheme https or http')
  else if (isProduction(env) && url.protocol === 'http:')
    warnings.push(
      'BETTER_AUTH_JWKS_URL is not https: whoever is on the way can put keys in place of the issuer',
    )
  return { keys: { kind: 'published', url: url ?? new URL('about:blank') }, warnings }
}

/** The rules for the shared secret: strict in production, a random one for this run elsewhere. */
const readSecret = (env: Variables, report: Report) => {
  const warnings: string[] = []
  const isStrict = isProduction(env)
  const unwise = (message: string) =>
    isStrict ? report('BETTER_AUTH_SECRET', message) : warnings.push(`BETTER_AUTH_SECRET ${message}`)
  const given = env.BETTER_AUTH_SECRET
  if (given === undefined && isStrict)
    report('BETTER_AUTH_SECRET', 'is required in production, or else BETTER_AUTH_JWKS_URL')
  else if (given === undefined)
    warnings.push(
      'BETTER_AUTH_SECRET is not set: a random one serves this run, and no token of another issuer is accepted',
    )
  else if (given === betterAuthDefaultSecret)
    unwise("is Better Auth's published default: anyone can sign tokens with it")
  else if (given.length < secretLength) unwise(`has fewer than ${secretLength} characters`)
  const keys: Keys = { kind: 'shared', secret: given ?? createSecret(), isRandom: given === undefined }
  return { keys, warnings }
}
