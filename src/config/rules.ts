import type { Environment, Variable } from './environment'

type Report = (variable: Variable, message: string) => void

/** The secret that Better Auth falls back to, known to everybody. */
const betterAuthDefaultSecret = 'better-auth-secret-12345678901234567890'
/** HS256 wants a key as long as its hash (RFC 7518, section 3.2). */
const secretLength = 32

/** Whether the stricter rules hold. */
export const isProduction = ({ NODE_ENV }: Partial<Environment>) => NODE_ENV?.toLowerCase() === 'production'

/** Splits CORS_ORIGINS and checks that each is an origin: scheme, host and port, no more (RFC 6454). */
export const checkOrigins = (text: string, report: Report): string[] => {
  const origins = text
    .split(',')
    .map((origin) => origin.trim())
    .filter(Boolean)
  for (const [index, origin] of origins.entries()) {
    const parsed = URL.parse(origin)?.origin ?? 'null'
    if (parsed === origin && parsed !== 'null') continue
    const hint = parsed === 'null' ? 'write scheme, host and port' : `write ${parsed}`
    report('CORS_ORIGINS', `is a list whose entry ${index + 1} is not an origin: ${hint}`)
  }
  return origins
}

export type Keys = { kind: 'shared'; secret: string; isRandom: boolean } | { kind: 'published'; url: URL }

/** What tokens are verified with: the keys that the issuer publishes, or else the shared secret. */
export const checkKeys = (env: Partial<Environment>, report: Report) => {
  const address = env.BETTER_AUTH_JWKS_URL
  if (address === undefined) return checkSecret(env, report)
  const warnings: string[] = []
  const url = URL.parse(address)
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (!url || !isWeb) report('BETTER_AUTH_JWKS_URL', 'must be a URL with the scheme https or http')
  else if (isProduction(env) && url.protocol === 'http:')
    warnings.push(
      'BETTER_AUTH_JWKS_URL is not https: whoever is on the way can put keys in place of the issuer',
    )
  const keys: Keys = { kind: 'published', url: url ?? new URL('about:blank') }
  return { keys, warnings }
}

/** The rules for the shared secret: strict in production, a random one for this run elsewhere. */
const checkSecret = (env: Partial<Environment>, report: Report) => {
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
  const secret = given ?? crypto.getRandomValues(Buffer.alloc(secretLength)).toString('base64url')
  const keys: Keys = { kind: 'shared', secret, isRandom: given === undefined }
  return { keys, warnings }
}
