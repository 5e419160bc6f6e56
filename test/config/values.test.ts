import { describe, expect, it } from 'bun:test'
import { readConfig } from '../../src/config'
import { problemsOf, secret, valid } from './support'

/** A value for each variable, and none of them a default. */
const values = {
  DATABASE_URL: 'postgres://user:p@host/db',
  DATABASE_POOL_MAX: '3',
  DATABASE_TIMEOUT_MS: '250',
  BETTER_AUTH_SECRET: secret,
  BETTER_AUTH_ISSUER: 'https://app.example',
  BETTER_AUTH_AUDIENCE: 'todo',
  HOST: '127.0.0.1',
  PORT: '8001',
  CORS_ORIGINS: 'https://app.example',
  LOG_LEVEL: 'debug',
  METRICS: 'true',
  NODE_ENV: 'production',
}

const surroundings: [string, (value: string, name: string) => string][] = [
  ['double quotes', (value) => `"${value}"`],
  ['single quotes', (value) => `'${value}'`],
  ['backticks', (value) => `\`${value}\``],
  ['typographic quotes', (value) => `“${value}”`],
  ['quotes and blanks around them', (value) => `  "${value}" \t`],
  ['its own name', (value, name) => `${name}=${value}`],
  ['its own name and quotes', (value, name) => `export ${name}="${value}"`],
]

/** What is removed from everything but a secret. */
const more: typeof surroundings = [
  ['blanks', (value) => `  ${value} `],
  ['a line break', (value) => `${value}\r\n`],
  ['blanks within quotes', (value) => `" ${value} "`],
  ['one quote that was left', (value) => `${value}"`],
  ['a space of no width', (value) => `\u200b${value}\ufeff`],
  ['a semicolon', (value) => `"${value}";`],
  ['a comment', (value) => `${value} # as of today`],
  ['a line of YAML', (value, name) => `${name}: "${value}"`],
  ['a line of JSON', (value, name) => `"${name}": "${value}",`],
]

const around = (change: (value: string, name: string) => string, names: string[]) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, names.includes(name) ? change(value, name) : value]),
  )

const names = Object.keys(values)

describe('a value', () => {
  it.each(surroundings)('with %s is the same as without, for every variable', (_, change) => {
    const { warnings, ...config } = readConfig(around(change, names))
    expect(config).toEqual((({ warnings: _none, ...rest }) => rest)(readConfig(values)))
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toStartWith('BETTER_AUTH_SECRET was set with quotes')
  })

  it.each(more)('with %s is the same as without, for every variable but the secret', (_, change) => {
    const changed = around(
      change,
      names.filter((name) => name !== 'BETTER_AUTH_SECRET'),
    )
    expect(readConfig(changed)).toEqual(readConfig(values))
  })

  it('with quotes is the same as without for a JWKS URL', () => {
    const url = 'https://app.example/api/auth/jwks'
    expect(readConfig({ ...valid, BETTER_AUTH_JWKS_URL: ` "${url}"\n` }).auth.keys).toEqual({
      kind: 'published',
      url: new URL(url),
    })
  })

  it('of quotes alone counts as absent', () => {
    const empty = Object.fromEntries(names.map((name) => [name, '""']))
    expect(problemsOf(empty).problems).toEqual([
      { variable: 'DATABASE_URL', message: expect.stringContaining('nothing but quotes') },
    ])
    expect(readConfig({ ...empty, DATABASE_URL: 'sqlite:./todo.db', BETTER_AUTH_SECRET: secret })).toEqual(
      readConfig(valid),
    )
  })
})

describe('a secret', () => {
  const secretOf = (BETTER_AUTH_SECRET: string) => {
    const { auth, warnings } = readConfig({ ...valid, BETTER_AUTH_SECRET })
    return { secret: auth.keys.kind === 'shared' && auth.keys.secret, warnings }
  }

  it.each([
    ['a line break at its end', `${secret}\n`],
    ['a line break of Windows at its end', `${secret}\r\n`],
    ['a blank at its start', ` ${secret}`],
  ])('keeps %s, and a warning says so', (_, text) => {
    expect(secretOf(text)).toEqual({ secret: text, warnings: [expect.stringContaining('is kept')] })
    expect(secretOf(text).warnings[0]).not.toContain(secret)
  })

  it.each(['#', '$', '"', "'", '\\', '=', ';', ',', ' # ', ' ', '%', 'ü'])('keeps %s', (character) => {
    for (const text of [`${secret}${character}x`, `x${character}${secret}`])
      expect(secretOf(text)).toEqual({ secret: text, warnings: [] })
  })

  it.each(['=', ';', '"', "'"])('keeps %s at its end', (character) => {
    expect(secretOf(secret + character)).toEqual({ secret: secret + character, warnings: [] })
  })

  it('keeps blanks that quotes include', () => {
    expect(secretOf(`" ${secret} "`).secret).toBe(` ${secret} `)
  })

  it('without a use needs no warning', () => {
    const environment = {
      DATABASE_URL: ':memory:',
      BETTER_AUTH_JWKS_URL: 'https://app.example/jwks',
      BETTER_AUTH_SECRET: `"${secret}"`,
    }
    expect(readConfig(environment).warnings).toEqual([])
  })
})

describe('a keyword', () => {
  it.each([
    ['INFO', 'info'],
    ['Debug', 'debug'],
    ['WARNING', 'warn'],
    ['warning', 'warn'],
    ['CRITICAL', 'error'],
    ['fatal', 'error'],
    ['TRACE', 'debug'],
  ])('%s is the log level %s', (LOG_LEVEL, level) => {
    expect(readConfig({ ...valid, LOG_LEVEL }).logLevel as string).toBe(level)
  })

  it.each(['1', 'yes', 'YES', 'on', 'True', 'TRUE', 'y', 't'])('%s turns a flag on', (METRICS) => {
    expect(readConfig({ ...valid, METRICS }).metrics).toBe(true)
  })

  it.each(['0', 'no', 'No', 'off', 'False', 'n', 'f', ''])('%s turns a flag off', (METRICS) => {
    expect(readConfig({ ...valid, METRICS }).metrics).toBe(false)
  })

  it.each(['2', 'maybe', 'tru', 'null'])('%s is no flag', (METRICS) => {
    expect(problemsOf({ ...valid, METRICS }).problems).toMatchObject([{ variable: 'METRICS' }])
  })

  it.each([
    ['production', true],
    [' PRODUCTION ', true],
    ['development', false],
    ['Test', false],
  ])('%s is a NODE_ENV', (NODE_ENV, production) => {
    expect(readConfig({ ...valid, NODE_ENV }).production).toBe(production)
  })

  it.each(['prod', 'dev', 'staging', 'productoin', 'constructor', 'true'])(
    '%s is no NODE_ENV',
    (NODE_ENV) => {
      expect(problemsOf({ ...valid, NODE_ENV }).problems).toEqual([
        { variable: 'NODE_ENV', message: 'must be one of production, development, test' },
      ])
    },
  )

  it('that is a property of every object is not a log level', () => {
    expect(problemsOf({ ...valid, LOG_LEVEL: 'constructor' }).problems).toMatchObject([
      { variable: 'LOG_LEVEL' },
    ])
  })
})

describe('HOST', () => {
  it.each([
    ['[::1]', '::1'],
    ['::', '::'],
    ['localhost', 'localhost'],
  ])('%s is the address %s', (HOST, host) => {
    expect(readConfig({ ...valid, HOST }).host).toBe(host)
  })

  it.each(['http://0.0.0.0', '0.0.0.0:8000', '*', 'a b', '[::1]:8000'])('cannot be %s', (HOST) => {
    expect(problemsOf({ ...valid, HOST }).problems).toMatchObject([{ variable: 'HOST' }])
  })
})
