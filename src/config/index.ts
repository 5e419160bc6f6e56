import { Value } from '@sinclair/typebox/value'
import { type DatabaseLocation, readDatabaseUrl } from './database-url'
import { Environment, type Variable } from './environment'
import { ConfigurationError, type VariableProblem } from './errors'
import { readHost } from './host'
import { isProduction, type Keys, readKeys } from './keys'
import { type McpConfig, readMcp } from './mcp'
import { readOrigins } from './origins'
import { type RawEnvironment, readVariables } from './variables'

export { ConfigurationError } from './errors'

export type { McpConfig } from './mcp'

export type DatabaseConfig = DatabaseLocation & { poolMax: number; timeoutMs: number }

export interface AuthConfig {
  keys: Keys
  issuer?: string
  audience?: string
}

export interface Config {
  production: boolean
  host: string
  port: number
  /** Origins as browsers send them; an asterisk matches any part of a host, or any port. */
  corsOrigins: string[]
  logLevel: Environment['LOG_LEVEL']
  metrics: boolean
  database: DatabaseConfig
  auth: AuthConfig
  /** If absent, /mcp accepts the tokens of the API. */
  mcp?: McpConfig
  /** Accepted but inadvisable settings, logged at start-up. */
  warnings: string[]
}

/**
 * Reads the environment once. An empty value counts as absent.
 * Throws ConfigurationError with every problem; no message holds a value.
 */
export const readConfig = (environment: RawEnvironment): Config => {
  const { given, secretWarning } = readVariables(environment)
  const env = Value.Default(Environment, given) as Environment

  const problems: VariableProblem[] = []
  const report = (variable: Variable, message: string) => problems.push({ variable, message })
  for (const { path } of Value.Errors(Environment, env)) {
    const variable = path.slice(1) as Variable
    if (problems.some((known) => known.variable === variable)) continue
    const { description } = Environment.properties[variable]
    const isEmptied = !(variable in given) && environment[variable]?.trim()
    const problem = isEmptied
      ? 'holds nothing but quotes, blanks or a comment, and is required'
      : 'is required'
    report(variable, variable in given ? `must be ${description}` : `${problem}: ${description}`)
  }
  const host = readHost(env.HOST, report)
  const corsOrigins = readOrigins(env.CORS_ORIGINS, report)
  const { keys, warnings } = readKeys(env, report)
  const { mcp, warnings: mcpWarnings } = readMcp(env, report)
  if (secretWarning && keys.kind === 'shared') warnings.push(secretWarning)
  if (problems.length > 0) throw new ConfigurationError(problems)
  const { location, warnings: databaseWarnings } = readDatabaseUrl(env.DATABASE_URL)

  return {
    production: isProduction(env),
    host,
    port: env.PORT,
    corsOrigins,
    logLevel: env.LOG_LEVEL,
    metrics: env.METRICS === 'true',
    database: { ...location, poolMax: env.DATABASE_POOL_MAX, timeoutMs: env.DATABASE_TIMEOUT_MS },
    auth: { keys, issuer: env.BETTER_AUTH_ISSUER, audience: env.BETTER_AUTH_AUDIENCE },
    mcp,
    warnings: [...warnings, ...mcpWarnings, ...databaseWarnings],
  }
}
