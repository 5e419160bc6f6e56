import { type Static, type TSchema, Type } from '@sinclair/typebox'

const text = (description: string, example: string, options = {}) =>
  Type.String({ description, examples: [example], ...options })

const LogLevel = Type.Union(
  [Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error')],
  { description: 'one of debug, info, warn, error', examples: ['info'], default: 'info' },
)

const Flag = Type.Union([Type.Literal('true'), Type.Literal('false')], {
  description: 'true or false',
  examples: ['true'],
  default: 'false',
})

/** Every environment variable of the service (FR-012). Descriptions end up in error messages. */
export const Environment = Type.Object({
  DATABASE_URL: text('where the data is kept', 'sqlite:./data/todo.db'),
  DATABASE_POOL_MAX: Type.Integer({
    description: 'a whole number of Postgres connections, 1 to 1000',
    examples: ['10'],
    default: 10,
    minimum: 1,
    maximum: 1000,
  }),
  DATABASE_TIMEOUT_MS: Type.Integer({
    description: 'a whole number of milliseconds, 100 to 60000',
    examples: ['5000'],
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
  HOST: text('the address to listen on', '0.0.0.0', { default: '0.0.0.0' }),
  PORT: Type.Integer({
    description: 'a port, 0 to 65535 (0 takes any free one)',
    examples: ['8000'],
    default: 8000,
    minimum: 0,
    maximum: 65_535,
  }),
  CORS_ORIGINS: text('origins, separated by commas', 'http://localhost:3000', {
    default: 'http://localhost:3000',
  }),
  LOG_LEVEL: LogLevel,
  METRICS: Flag,
  NODE_ENV: Type.Optional(text('production, or anything else', 'production')),
})

export type Environment = Static<typeof Environment>

export type Variable = keyof Environment

export const exampleOf = (name: Variable) => (Environment.properties[name] as TSchema).examples[0]
