import type { Environment, RawEnvironment, Report } from './environment'

/** Better Auth's publicly known default secret. */
const defaultSecret = 'better-auth-secret-12345678901234567890'
/** The minimum key length of HS256, which is that of its hash (RFC 7518, section 3.2). */
export const secretLength = 32

/** A URL whose traffic can be read on the network path: http, and not on this machine. */
const exposed = /^http:\/\/(?!(?:localhost|127(?:\.\d+){3}|\[::1\])(?:[:/]|$))/i

/** The issuer of assistants' tokens: Better Auth's OAuth server publishes its keys at the path /jwks under it. */
export const mcpIssuerOf = (env: Environment) =>
  env.MCP_ISSUER ?? /^(.+)\/jwks\/?$/.exec(env.BETTER_AUTH_JWKS_URL ?? '')?.[1]

const checkSecret = (env: Environment, raw: RawEnvironment, report: Report, warn: Report) => {
  const name = 'BETTER_AUTH_SECRET'
  const secret = env[name] ?? ''
  const isProduction = env.NODE_ENV === 'production'
  const advise = isProduction ? report : warn
  if (!secret && isProduction) report(name, 'is required in production, unless BETTER_AUTH_JWKS_URL is set')
  else if (!secret) warn(name, 'is not set: a random one is used for this run, so every token is rejected')
  else if (secret === defaultSecret) advise(name, 'is the default of Better Auth: anyone can sign tokens')
  else if (secret.length < secretLength) advise(name, `has fewer than ${secretLength} characters`)
  if (secret && secret !== raw[name]) warn(name, 'is in quotes, which are removed, but not by Better Auth')
  else if (secret !== secret.trim()) warn(name, 'starts or ends with a blank or line break, which is kept')
}

const checkKeySet = (env: Environment, url: string, warn: Report) => {
  if (env.NODE_ENV === 'production' && exposed.test(url))
    warn('BETTER_AUTH_JWKS_URL', 'is not https: anyone on the network path can replace the keys')
  const usual = `Better Auth's default is ${URL.parse(url)?.origin}`
  if (!env.BETTER_AUTH_ISSUER) warn('BETTER_AUTH_ISSUER', `is not set: any iss is accepted; ${usual}`)
  if (!env.BETTER_AUTH_AUDIENCE) warn('BETTER_AUTH_AUDIENCE', `is not set: any aud is accepted; ${usual}`)
}

const checkMcp = (env: Environment, resource: string, report: Report, warn: Report) => {
  const { BETTER_AUTH_AUDIENCE: audience } = env
  const mixed = 'tokens for /mcp would also be accepted by /api'
  if (!audience) report('BETTER_AUTH_AUDIENCE', `is required with MCP_RESOURCE: otherwise ${mixed}`)
  if (audience === resource) report('BETTER_AUTH_AUDIENCE', `must not be MCP_RESOURCE: ${mixed}`)
  if (!mcpIssuerOf(env)) report('MCP_ISSUER', 'is required, unless BETTER_AUTH_JWKS_URL ends in /jwks')
  if (exposed.test(resource)) warn('MCP_RESOURCE', 'is not https: assistants refuse it; tokens can be read')
}

/** Checks what no variable tells by itself: problems if they are not valid together, and warnings. */
export const checkTogether = (env: Environment, raw: RawEnvironment, report: Report, warn: Report) => {
  if (env.BETTER_AUTH_JWKS_URL) checkKeySet(env, env.BETTER_AUTH_JWKS_URL, warn)
  else checkSecret(env, raw, report, warn)
  if (env.MCP_RESOURCE) checkMcp(env, env.MCP_RESOURCE, report, warn)
  else if (env.MCP_ISSUER) warn('MCP_ISSUER', 'has no effect unless MCP_RESOURCE is set as well')
}
