import { isIPv6 } from 'node:net'
import { FormatRegistry, type Static, type TSchema, Type } from '@sinclair/typebox'

FormatRegistry.Set('web-url', (value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ''))
FormatRegistry.Set('host', (value) => /^[\w.-]+$/.test(value) || isIPv6(value.replace(/^\[(.*)\]$/, '$1')))

const text = (example: string, rule = {}) => Type.String({ examples: [example], ...rule })

const webUrl = { format: 'web-url', description: 'a URL with the scheme https or http' }
// What a token may name as its audience (RFC 8707, section 2).
const bareUrl = { pattern: '^[^?#@\\s"\\\\]+$', description: 'a URL without credentials, query and fragment' }
const host = { format: 'host', description: 'an address or a name, without scheme and port' }

const integer = (unit: string, value: number, minimum: number, maximum: number) => {
  const description = `${unit}, ${minimum} to ${maximum}`
  return Type.Integer({ description, examples: [value], default: value, minimum, maximum })
}

const oneOf = <const T extends string>(names: readonly T[], example: T, options = {}) => {
  const description = `one of ${names.join(', ')}`
  const literals = names.map((name) => Type.Literal(name))
  return Type.Union(literals, { description, examples: [example], ...options })
}

/** Every environment variable of the service. Descriptions and examples end up in error messages. */
export const Environment = Type.Object({
  DATABASE_URL: text('sqlite:./data/todo.db'),
  DATABASE_POOL_MAX: integer('a whole number of Postgres connections', 10, 1, 1000),
  DATABASE_TIMEOUT_MS: integer('a whole number of milliseconds', 5000, 100, 60_000),
  BETTER_AUTH_SECRET: Type.Optional(text('the output of: openssl rand -base64 32')),
  BETTER_AUTH_JWKS_URL: Type.Optional(text('https://app.example/api/auth/jwks', webUrl)),
  BETTER_AUTH_ISSUER: Type.Optional(text('https://app.example')),
  BETTER_AUTH_AUDIENCE: Type.Optional(text('https://app.example')),
  MCP_RESOURCE: Type.Optional(text('https://api.example/mcp', { ...webUrl, ...bareUrl })),
  MCP_ISSUER: Type.Optional(text('https://app.example/api/auth', webUrl)),
  HOST: text('127.0.0.1', { default: '::', ...host }),
  PORT: integer('a port', 8000, 0, 65_535),
  CORS_ORIGINS: text('https://app.example', { default: 'http://localhost:3000,http://localhost:5173' }),
  LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error'], 'info', { default: 'info' }),
  METRICS: oneOf(['true', 'false'], 'true', { default: 'false' }),
  NODE_ENV: Type.Optional(oneOf(['production', 'development', 'test'], 'production')),
})

export type Environment = Static<typeof Environment>

export type Variable = keyof Environment

export const variables = Object.entries(Environment.properties) as [Variable, TSchema][]

/** Reports a problem with a variable, without revealing its value. */
export type Report = (variable: Variable, message: string) => void

export type RawEnvironment = Record<string, string | undefined>

const withoutQuotes = (value: string) => /^(["'])(.*)\1$/s.exec(value)?.[2] ?? value

/**
 * The variables that are set, not yet checked. Blanks and quotes around a value are removed, since `docker run
 * --env-file` keeps them; of a secret only the quotes, since all else belongs to the key, as in Better Auth.
 */
export const readValues = (environment: RawEnvironment): Partial<Environment> => {
  const values: Partial<Record<Variable, string | number>> = {}
  for (const [name, { type, anyOf }] of variables) {
    const raw = environment[name] ?? ''
    const value = name === 'BETTER_AUTH_SECRET' ? withoutQuotes(raw) : withoutQuotes(raw.trim()).trim()
    if (value.trim() === '') continue
    if (type === 'integer' && /^\d+$/.test(value)) values[name] = Number(value)
    else values[name] = anyOf ? value.toLowerCase() : value
  }
  return values as Partial<Environment>
}
