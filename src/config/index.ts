import { Value } from '@sinclair/typebox/value'
import { readDatabaseUrl } from './database-url'
import { Environment, type RawEnvironment, readValues, type Variable, variables } from './environment'
import { readOrigins } from './origins'
import { checkTogether, mcpIssuerOf, secretLength } from './rules'

/** The environment cannot be used. Its message names every problem, one per line, and no value. */
export class ConfigurationError extends Error {
  constructor(readonly problems: { variable: Variable; message: string }[]) {
    const lines = problems.map(({ variable, message }) => {
      const [example] = Environment.properties[variable].examples
      return `  ${variable} ${message} (for example ${variable}=${example})`
    })
    super(['The environment is incomplete or invalid:', ...lines].join('\n'))
  }
}

export const createSecret = () => crypto.getRandomValues(Buffer.alloc(secretLength)).toString('base64url')

/** Reads the environment. Throws ConfigurationError with every problem. */
export const readConfig = (environment: RawEnvironment) => {
  const given = readValues(environment)
  const env = Value.Default(Environment, { ...given }) as Environment
  const production = env.NODE_ENV === 'production'
  const problems: ConfigurationError['problems'] = []
  const warnings: string[] = []
  const report = (variable: Variable, message: string) => problems.push({ variable, message })
  const warn = (variable: Variable, message: string) => warnings.push(`${variable} ${message}`)

  if (env.DATABASE_URL === undefined) report('DATABASE_URL', 'is required: where the data is stored')
  for (const [variable, schema] of variables)
    if (env[variable] !== undefined && !Value.Check(schema, env[variable]))
      report(variable, `must be ${schema.description}`)
  // The default is for the development servers of pages.
  const corsOrigins = readOrigins(production ? (given.CORS_ORIGINS ?? '') : env.CORS_ORIGINS, report)
  checkTogether(env, environment, report, warn)
  if (problems.length > 0) throw new ConfigurationError(problems)
  const database = readDatabaseUrl(env.DATABASE_URL)

  return {
    production,
    /** The address to listen on. Undefined for all of them, of IPv4 and, where there is any, of IPv6. */
    host: given.HOST,
    port: env.PORT,
    /** Origins as browsers send them. An asterisk at the start of a host stands for any text. */
    corsOrigins,
    logLevel: env.LOG_LEVEL,
    metrics: env.METRICS === 'true',
    database: { ...database.location, poolMax: env.DATABASE_POOL_MAX, timeoutMs: env.DATABASE_TIMEOUT_MS },
    auth: {
      /** The address of published keys. If there is one, the secret is not used. */
      jwksUrl: env.BETTER_AUTH_JWKS_URL ? new URL(env.BETTER_AUTH_JWKS_URL) : undefined,
      secret: env.BETTER_AUTH_SECRET ?? createSecret(),
      issuer: env.BETTER_AUTH_ISSUER,
      audience: env.BETTER_AUTH_AUDIENCE,
    },
    /** What tokens of assistants must have as `aud` and `iss`. If undefined, /mcp accepts the tokens of the API. */
    mcp: env.MCP_RESOURCE ? { resource: env.MCP_RESOURCE, issuer: String(mcpIssuerOf(env)) } : undefined,
    warnings: [...warnings, ...database.warnings],
  }
}

export type Config = ReturnType<typeof readConfig>
export type DatabaseConfig = Config['database']
export type McpConfig = NonNullable<Config['mcp']>
