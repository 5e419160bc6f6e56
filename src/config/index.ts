import { Value } from '@sinclair/typebox/value'
import { type DatabaseLocation, parseDatabaseUrl } from './database-url'
import { Environment, exampleOf, type Variable } from './environment'
import { checkKeys, checkOrigins, type Keys } from './rules'

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

export interface Problem {
  variable: Variable
  /** What is wrong, without the value. */
  message: string
}

/** The environment cannot be used. Its message names every problem, one per line. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError'
  constructor(readonly problems: readonly Problem[]) {
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
      .filter(([, value]) => value?.trim())
      .map(([name, value]) => [name, isInteger(name) && /^\d+$/.test(value ?? '') ? Number(value) : value]),
  )
  const env = Value.Default(Environment, given) as Environment

  const problems = new Map<Variable, string>()
  for (const { path } of Value.Errors(Environment, env)) {
    const variable = path.slice(1) as Variable
    const { description } = Environment.properties[variable]
    problems.set(variable, variable in given ? `must be ${description}` : `is required: ${description}`)
  }
  const origins = checkOrigins(env.CORS_ORIGINS, (message) => problems.set('CORS_ORIGINS', message))
  const { keys, warnings } = checkKeys(env, (variable, message) => problems.set(variable, message))
  if (problems.size > 0)
    throw new ConfigurationError([...problems].map(([variable, message]) => ({ variable, message })))

  return {
    production: env.NODE_ENV === 'production',
    host: env.HOST,
    port: env.PORT,
    corsOrigins: origins,
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
