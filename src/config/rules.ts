import type { Environment } from './environment'

type Report = (message: string) => void

/** The secret that Better Auth falls back to, known to everybody. */
const betterAuthDefaultSecret = 'better-auth-secret-12345678901234567890'
/** HS256 wants a key as long as its hash (RFC 7518, section 3.2). */
const secretLength = 32

/** Splits CORS_ORIGINS and checks that each is an origin: scheme, host and port, no more (RFC 6454). */
export const checkOrigins = (text: string, report: Report): string[] => {
  const origins = text
    .split(',')
    .map((origin) => origin.trim())
    .filter(Boolean)
  for (const origin of origins) {
    const parsed = URL.canParse(origin) ? new URL(origin).origin : 'null'
    if (parsed === origin && parsed !== 'null') continue
    const hint = parsed === 'null' ? 'write scheme, host and port' : `write "${parsed}"`
    report(`holds "${origin}", which is not an origin: ${hint}`)
  }
  return origins
}

/** The rules for the shared secret: strict in production, a random one for this run elsewhere. */
export const checkSecret = (env: Partial<Environment>, report: Report) => {
  const warnings: string[] = []
  const isProduction = env.NODE_ENV === 'production'
  const unwise = isProduction ? report : (message: string) => warnings.push(`BETTER_AUTH_SECRET ${message}`)
  const given = env.BETTER_AUTH_SECRET
  if (given === undefined && isProduction) report('is required in production')
  if (given === undefined)
    warnings.push(
      'BETTER_AUTH_SECRET is not set: a random one serves this run, and no token of another issuer is accepted',
    )
  else if (given === betterAuthDefaultSecret)
    unwise("is Better Auth's published default: anyone can sign tokens with it")
  else if (given.length < secretLength) unwise(`has fewer than ${secretLength} characters`)
  const secret = given ?? crypto.getRandomValues(Buffer.alloc(secretLength)).toString('base64url')
  return { secret, warnings }
}
