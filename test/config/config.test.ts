import { describe, expect, it } from 'bun:test'
import { readConfig } from '../../src/config'
import { Environment } from '../../src/config/environment'
import { problemsOf, secret, valid } from './support'

const textOf = (name: string) => Bun.file(`${import.meta.dir}/../../${name}`).text()

describe('configuration', () => {
  it('has defaults for all but the database', () => {
    expect(readConfig(valid)).toEqual({
      production: false,
      host: undefined,
      port: 8000,
      corsOrigins: ['http://localhost:3000', 'http://localhost:5173'],
      logLevel: 'info',
      metrics: false,
      database: { dialect: 'sqlite', path: './todo.db', poolMax: 10, timeoutMs: 5000 },
      auth: { jwksUrl: undefined, secret, issuer: undefined, audience: undefined },
      mcp: undefined,
      warnings: [],
    })
  })

  it('takes every variable', () => {
    const config = readConfig({
      ...valid,
      DATABASE_URL: 'postgres://u:p@h/d',
      DATABASE_POOL_MAX: '3',
      DATABASE_TIMEOUT_MS: '250',
      HOST: '::1',
      PORT: '0',
      CORS_ORIGINS: ' https://a.example , http://localhost:5173,',
      LOG_LEVEL: 'debug',
      METRICS: 'true',
      NODE_ENV: 'production',
    })
    expect(config).toMatchObject({
      production: true,
      host: '::1',
      port: 0,
      corsOrigins: ['https://a.example', 'http://localhost:5173'],
      logLevel: 'debug',
      metrics: true,
      database: { dialect: 'postgres', location: { host: 'h', database: 'd' }, poolMax: 3, timeoutMs: 250 },
    })
  })

  it('counts an empty value as absent', () => {
    const empty = {
      HOST: '',
      PORT: ' ',
      CORS_ORIGINS: '',
      LOG_LEVEL: '',
      NODE_ENV: '',
      DATABASE_POOL_MAX: '',
    }
    expect(readConfig({ ...valid, ...empty })).toEqual(readConfig(valid))
    expect(problemsOf({ DATABASE_URL: '' }).problems).toMatchObject([{ variable: 'DATABASE_URL' }])
  })

  it('reports all problems together, one per line, each with an example', () => {
    const { message, problems } = problemsOf({
      PORT: '80a',
      DATABASE_POOL_MAX: '0',
      DATABASE_TIMEOUT_MS: '1',
      LOG_LEVEL: 'loud',
      METRICS: 'maybe',
      NODE_ENV: 'production',
      CORS_ORIGINS: '*',
    })
    expect(problems.map(({ variable }) => variable).toSorted()).toEqual([
      'BETTER_AUTH_SECRET',
      'CORS_ORIGINS',
      'DATABASE_POOL_MAX',
      'DATABASE_TIMEOUT_MS',
      'DATABASE_URL',
      'LOG_LEVEL',
      'METRICS',
      'PORT',
    ])
    const [, ...lines] = message.split('\n')
    expect(lines).toHaveLength(problems.length)
    for (const line of lines) expect(line).toMatch(/^ {2}([A-Z_]+) .+ \(for example \1=.+\)$/)
    expect(message).toContain('DATABASE_URL is required')
  })

  it.each(['0x50', '8e3', '80.5', '-1', '65536', 'http'])('refuses the port %s', (PORT) => {
    expect(problemsOf({ ...valid, PORT }).problems).toMatchObject([{ variable: 'PORT' }])
  })

  it.each([
    ['a missing one', undefined],
    ['a short one', 'x'.repeat(31)],
    ["Better Auth's default", 'better-auth-secret-12345678901234567890'],
  ])('refuses %s for a secret in production, and warns elsewhere', (_, BETTER_AUTH_SECRET) => {
    const environment = { ...valid, BETTER_AUTH_SECRET }
    const { message, problems } = problemsOf({ ...environment, NODE_ENV: 'production' })
    expect(problems).toMatchObject([{ variable: 'BETTER_AUTH_SECRET' }])
    if (BETTER_AUTH_SECRET) expect(message).not.toContain(BETTER_AUTH_SECRET)
    const { warnings } = readConfig(environment)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toStartWith('BETTER_AUTH_SECRET')
    if (BETTER_AUTH_SECRET) expect(warnings[0]).not.toContain(BETTER_AUTH_SECRET)
  })

  it('creates a random secret if there is none', () => {
    const environment = { ...valid, BETTER_AUTH_SECRET: undefined }
    const first = readConfig(environment).auth.secret
    expect(first.length).toBeGreaterThanOrEqual(32)
    expect(readConfig(environment).auth.secret).not.toBe(first)
  })

  it('requires no secret if the issuer publishes its keys', () => {
    const BETTER_AUTH_JWKS_URL = 'https://app.example/api/auth/jwks'
    const config = readConfig({
      DATABASE_URL: ':memory:',
      NODE_ENV: 'production',
      BETTER_AUTH_JWKS_URL,
      BETTER_AUTH_ISSUER: 'https://app.example',
      BETTER_AUTH_AUDIENCE: 'todo',
    })
    expect(config.auth).toMatchObject({
      jwksUrl: new URL(BETTER_AUTH_JWKS_URL),
      issuer: 'https://app.example',
      audience: 'todo',
    })
    expect(config.warnings).toEqual([])
  })

  it.each([
    'jwks',
    'ftp://a.example/jwks',
    '/api/auth/jwks',
    'https://',
    'http://a b/jwks',
    'https://a.example:x',
  ])('refuses the JWKS URL %s instead of taking the shared secret', (BETTER_AUTH_JWKS_URL) => {
    expect(problemsOf({ ...valid, BETTER_AUTH_JWKS_URL }).problems).toEqual([
      { variable: 'BETTER_AUTH_JWKS_URL', message: 'must be a URL with the scheme https or http' },
    ])
  })

  it('warns if every token is accepted that a published key verifies', () => {
    const warningsOf = (environment: Record<string, string>) =>
      readConfig({ ...valid, BETTER_AUTH_JWKS_URL: 'https://u:hunter2@a.example/jwks', ...environment })
        .warnings
    const [issuer = '', audience = ''] = warningsOf({})
    expect(issuer).toStartWith('BETTER_AUTH_ISSUER is not set: ')
    expect(audience).toStartWith('BETTER_AUTH_AUDIENCE is not set: ')
    expect(warningsOf({}).join()).not.toContain('hunter2')
    expect(warningsOf({ BETTER_AUTH_ISSUER: 'https://a.example' })).toEqual([audience])
    expect(warningsOf({ BETTER_AUTH_AUDIENCE: 'https://a.example' })).toEqual([issuer])
    const complete = { BETTER_AUTH_ISSUER: 'https://a.example', BETTER_AUTH_AUDIENCE: 'https://a.example' }
    expect(warningsOf(complete)).toEqual([])
    expect(
      warningsOf({ ...complete, NODE_ENV: 'production', BETTER_AUTH_JWKS_URL: 'http://a.example/jwks' }),
    ).toEqual([expect.stringContaining('BETTER_AUTH_JWKS_URL is not https')])
  })

  it('allows no page in production unless CORS_ORIGINS names its origin', () => {
    const production = { ...valid, NODE_ENV: 'production' }
    expect(readConfig(production).corsOrigins).toEqual([])
    expect(readConfig({ ...production, CORS_ORIGINS: 'https://app.example' }).corsOrigins).toEqual([
      'https://app.example',
    ])
  })

  it('is documented, every variable of it, in .env.example', async () => {
    const example = await textOf('.env.example')
    const documented = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name)
    expect(documented.toSorted()).toEqual(Object.keys(Environment.properties).toSorted())
    const set = Object.fromEntries(
      [...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
    )
    expect(readConfig(set).database).toMatchObject({ dialect: 'sqlite' })
  })

  it('is documented, every variable and default of it, in the table of the README', async () => {
    const readme = await textOf('README.md')
    const [, table = ''] = /\| variable \| meaning \| default \|\n(.*?)\n\n/s.exec(readme) ?? []
    const rows = [...table.matchAll(/^\| (`.+`) \| .+ \| (.*) \|$/gm)]
    const defaults = rows.flatMap(([, names = '', values = '']) => {
      const listed = [...values.matchAll(/`(.+?)`/g)].map(([, value]) => value)
      return [...names.matchAll(/`(.+?)`/g)].map(([, name], index) => [name, listed[index]] as const)
    })
    const expected = Object.entries(Environment.properties).map(
      ([name, schema]) => [name, schema.default === undefined ? undefined : String(schema.default)] as const,
    )
    expect(Object.fromEntries(defaults)).toEqual(Object.fromEntries(expected))
  })
})
