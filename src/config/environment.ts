import { type Static, type TSchema, Type } from '@sinclair/typebox'

interface IntegerOptions {
  default: number
  minimum: number
  maximum: number
  note?: string
}

const text = (description: string, example: string, options = {}) =>
  Type.String({ description, examples: [example], ...options })

const integer = (unit: string, { note = '', ...limits }: IntegerOptions) =>
  Type.Integer({
    description: `${unit}, ${limits.minimum} to ${limits.maximum}${note}`,
    examples: [String(limits.default)],
    ...limits,
  })

const oneOf = <T extends string>(names: readonly T[], options = {}) =>
  Type.Union(
    names.map((name) => Type.Literal(name)),
    { description: `one of ${names.join(', ')}`, examples: [names[0]], ...options },
  )

const logLevels = ['debug', 'info', 'warn', 'error'] as const
const modes = ['production', 'development', 'test'] as const

/** Every environment variable of the service. Descriptions end up in error messages. */
export const Environment = Type.Object({
  DATABASE_URL: text('where the data is kept', 'sqlite:./data/todo.db'),
  DATABASE_POOL_MAX: integer('a whole number of Postgres connections', {
    default: 10,
    minimum: 1,
    maximum: 1000,
  }),
  DATABASE_TIMEOUT_MS: integer('a whole number of milliseconds', {
    default: 5000,
    minimum: 100,
    maximum: 60_000,
  }),
  BETTER_AUTH_SECRET: Type.Optional(
    text('the secret that Better Auth signs tokens with', 'the output of: openssl rand -base64 32'),
  ),
  BETTER_AUTH_JWKS_URL: Type.Optional(
    text('the address of the keys that Better Auth publishes', 'https://app.example/api/auth/jwks'),
  ),
  BETTER_AUTH_ISSUER: Type.Optional(text('the iss that tokens must have', 'https://app.example')),
  BETTER_AUTH_AUDIENCE: Type.Optional(text('the aud that tokens must have', 'https://app.example')),
  MCP_RESOURCE: Type.Optional(
    text('the public URL of /mcp, for assistants that sign in through OAuth', 'https://api.example/mcp'),
  ),
  MCP_ISSUER: Type.Optional(text('the iss that tokens for /mcp must have', 'https://app.example/api/auth')),
  HOST: text('the address to listen on', '0.0.0.0', { default: '0.0.0.0' }),
  PORT: integer('a port', {
    default: 8000,
    minimum: 0,
    maximum: 65_535,
    note: ' (0 takes any free one)',
  }),
  CORS_ORIGINS: text('origins, separated by commas', 'http://localhost:3000', {
    default: 'http://localhost:3000',
  }),
  LOG_LEVEL: oneOf(logLevels, { examples: ['info'], default: 'info' }),
  METRICS: oneOf(['true', 'false'], { description: 'true or false', default: 'false' }),
  NODE_ENV: Type.Optional(oneOf(modes)),
})

export type Environment = Static<typeof Environment>

export type Variable = keyof Environment

export const exampleOf = (name: Variable) => (Environment.properties[name] as TSchema).examples[0]

const words = (meanings: Record<string, string>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(meanings).flatMap(([meaning, list]) => list.split(' ').map((word) => [word, meaning])),
  )

/** Synonyms for the values of a variable, in lower case, as used by Python and other loggers. */
export const synonyms: Partial<Record<Variable, ReadonlyMap<string, string>>> = {
  LOG_LEVEL: words({ debug: 'trace verbose', info: 'notice', warn: 'warning', error: 'critical fatal' }),
  METRICS: words({ true: '1 yes y on t', false: '0 no n off f' }),
}
