import { Value } from '@sinclair/typebox/value'
import { type DatabaseLocation, parseDatabaseUrl } from './database-url'
import { Environment, exampleOf, type Variable } from './environment'
import { checkKeys, checkOrigins, isProduction, type Keys } from './rules'

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
  corsOrigins: string[]
  logLevel: Environment['LOG_LEVEL']
  metrics: boolean
  database: DatabaseConfig
  auth: AuthConfig
  /** What is allowed but unwise; for the log of the start. */
  warnings: string[]
}

export interface VariableProblem {
  variable: Variable
  /** What is wrong, without the value. */
  message: string
}

/** The environment cannot be used. Its message names every problem, one per line. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError'
  constructor(readonly problems: readonly VariableProblem[]) {
    const lines = problems.map(
      ({ variable, message }) => `  ${variable} ${message} (for example ${variable}=${exampleOf(variable)})`,
    )
    super(['The environment is not complete or not valid:', ...lines].join('\n'))
  }
}

const isInteger = (name: string) => Environment.properties[name as Variable]?.type === 'integer'

/**
 * Reads the environment once (FR-012). An empty value counts as absent.
 * Throws ConfigurationError with every problem; no message holds a value.
 */
export const readConfig = (variables: Record<string, string | undefined>): Config => {
  const given = Object.fromEntries(
    Object.entries(variables)
      .map(([name, value]) => [name, value?.trim() ?? ''] as const)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, isInteger(name) && /^\d+$/.test(value) ? Number(value) : value]),
  )
  const env = Value.Default(Environment, given) as Environment

  const problems: VariableProblem[] = []
  const report = (variable: Variable, message: string) => problems.push({ variable, message })
  for (const { path } of Value.Errors(Environment, env)) {
    const variable = path.slice(1) as Variable
    if (problems.some((known) => known.variable === variable)) continue
    const { description } = Environment.properties[variable]
    report(variable, variable in given ? `must be ${description}` : `is required: ${description}`)
  }
  const corsOrigins = checkOrigins(env.CORS_ORIGINS, report)
  const { keys, warnings } = checkKeys(env, report)
  if (problems.length > 0) throw new ConfigurationError(problems)

  return {
    production: isProduction(env),
    host: env.HOST,
    port: env.PORT,
    corsOrigins,
    logLevel: env.LOG_LEVEL,
    metrics: env.METRICS === 'true',
    database: {
      ...parseDatabaseUrl(env.DATABASE_URL),
      poolMax: env.DATABASE_POOL_MAX,
      timeoutMs: env.DATABASE_TIMEOUT_MS,
    },
    auth: { keys, issuer: env.BETTER_AUTH_ISSUER, audience: env.BETTER_AUTH_AUDIENCE },
    warnings,
  }
}
