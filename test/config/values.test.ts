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

const withChanged = (change: (value: string) => string, ...except: string[]) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, except.includes(name) ? value : change(value)]),
  )

const names = Object.keys(values)

describe('a value', () => {
  it.each([
    ['double quotes', (value: string) => `"${value}"`],
    ['single quotes', (value: string) => `'${value}'`],
  ])('with %s around it is the same as without, for every variable', (_, change) => {
    const { warnings, ...config } = readConfig(withChanged(change))
    const { warnings: none, ...expected } = readConfig(values)
    expect(config).toEqual(expected)
    expect(none).toEqual([])
    expect(warnings).toEqual([expect.stringContaining('BETTER_AUTH_SECRET is in quotes')])
  })

  it.each([
    ['blanks', (value: string) => `  ${value} `],
    ['a line break', (value: string) => `${value}\r\n`],
    ['blanks within quotes', (value: string) => `" ${value} "`],
    ['blanks around quotes', (value: string) => `\t"${value}" `],
  ])('with %s is the same as without, for every variable but the secret', (_, change) => {
    expect(readConfig(withChanged(change, 'BETTER_AUTH_SECRET'))).toEqual(readConfig(values))
  })

  it.each(['', '  ', '""', "''", '" "'])('of %j counts as absent', (empty) => {
    const environment = Object.fromEntries(names.map((name) => [name, empty]))
    expect(problemsOf(environment).problems).toEqual([
      { variable: 'DATABASE_URL', message: 'is required: where the data is stored' },
    ])
    expect(readConfig({ ...environment, ...valid })).toEqual(readConfig(valid))
  })

  it.each([
    ['typographic quotes', (value: string) => `“${value}”`],
    ['backticks', (value: string) => `\`${value}\``],
    ['two pairs of quotes', (value: string) => `"'${value}'"`],
    ['a quote at one end', (value: string) => `${value}"`],
    ['a comment', (value: string) => `${value}#today`],
    ['a semicolon', (value: string) => `${value};`],
  ])('with %s is refused by every variable that has a form', (_, change) => {
    const free = ['DATABASE_URL', 'BETTER_AUTH_SECRET', 'BETTER_AUTH_ISSUER', 'BETTER_AUTH_AUDIENCE']
    const { problems, message } = problemsOf(withChanged(change, ...free))
    const refused = problems.map(({ variable }) => variable as string)
    expect(refused.toSorted()).toEqual(names.filter((name) => !free.includes(name)).toSorted())
    for (const variable of refused) expect(message).toContain(`(for example ${variable}=`)
  })
})

describe('a secret', () => {
  const secretOf = (BETTER_AUTH_SECRET: string) => {
    const { auth, warnings } = readConfig({ ...valid, BETTER_AUTH_SECRET })
    return { secret: auth.secret, warnings }
  }

  it.each([
    ['a line break at its end', `${secret}\n`],
    ['a line break of Windows at its end', `${secret}\r\n`],
    ['a blank at its start', ` ${secret}`],
    ['quotes with a line break after them', `"${secret}"\n`],
  ])('keeps %s, and a warning says so', (_, text) => {
    expect(secretOf(text)).toEqual({ secret: text, warnings: [expect.stringContaining('is kept')] })
    expect(secretOf(text).warnings[0]).not.toContain(secret)
  })

  it.each(['#', '$', '"', "'", '\\', '=', ';', ',', ' # ', ' ', '%', 'ü', '“'])('keeps %s', (character) => {
    for (const text of [`${secret}${character}x`, `x${character}${secret}`])
      expect(secretOf(text)).toEqual({ secret: text, warnings: [] })
  })

  it.each([
    ['a quote at its end', `${secret}"`],
    ['an equals sign at its end', `${secret}=`],
    ['typographic quotes', `“${secret}”`],
    ['backticks', `\`${secret}\``],
    ['its own name', `BETTER_AUTH_SECRET=${secret}`],
  ])('keeps %s', (_, text) => {
    expect(secretOf(text)).toEqual({ secret: text, warnings: [] })
  })

  it('loses one pair of quotes, and keeps blanks and quotes in them', () => {
    expect(secretOf(`" ${secret} "`).secret).toBe(` ${secret} `)
    expect(secretOf(`"'${secret}'"`).secret).toBe(`'${secret}'`)
  })

  it('without a use needs no warning', () => {
    const environment = {
      DATABASE_URL: ':memory:',
      BETTER_AUTH_JWKS_URL: 'https://app.example/jwks',
      BETTER_AUTH_ISSUER: 'https://app.example',
      BETTER_AUTH_AUDIENCE: 'https://app.example',
      BETTER_AUTH_SECRET: '"short"',
    }
    expect(readConfig(environment).warnings).toEqual([])
  })
})

const keywords = {
  LOG_LEVEL: 'debug, info, warn, error',
  METRICS: 'true, false',
  NODE_ENV: 'production, development, test',
}

describe('a keyword', () => {
  it.each([
    [{ LOG_LEVEL: 'INFO' }, { logLevel: 'info' }],
    [{ LOG_LEVEL: '"Debug"' }, { logLevel: 'debug' }],
    [{ METRICS: 'TRUE' }, { metrics: true }],
    [{ METRICS: 'False' }, { metrics: false }],
    [{ NODE_ENV: ' PRODUCTION ' }, { production: true }],
    [{ NODE_ENV: 'Test' }, { production: false }],
  ] as const)('counts in any case: %j', (environment, expected) => {
    expect(readConfig({ ...valid, ...environment })).toMatchObject(expected)
  })

  it.each([
    ['LOG_LEVEL', 'WARNING'],
    ['LOG_LEVEL', 'fatal'],
    ['LOG_LEVEL', 'constructor'],
    ['METRICS', '1'],
    ['METRICS', 'yes'],
    ['METRICS', 'null'],
    ['NODE_ENV', 'prod'],
    ['NODE_ENV', 'staging'],
    ['NODE_ENV', '__proto__'],
  ] as const)('has no synonyms: %s=%s is refused with the list', (variable, value) => {
    expect(problemsOf({ ...valid, [variable]: value }).problems).toEqual([
      { variable, message: `must be one of ${keywords[variable]}` },
    ])
  })

  it('is refused with an example', () => {
    const { message } = problemsOf({ ...valid, LOG_LEVEL: 'WARNING' })
    expect(message).toContain(
      'LOG_LEVEL must be one of debug, info, warn, error (for example LOG_LEVEL=info)',
    )
  })
})

describe('HOST', () => {
  it.each(['::', '::1', '[::1]', '0.0.0.0', 'localhost', 'my_host.internal'])('may be %s', (HOST) => {
    expect(readConfig({ ...valid, HOST }).host).toBe(HOST)
  })

  it.each(['http://0.0.0.0', '0.0.0.0:8000', '*', 'a b', '[::1]:8000', ':8000', '1::2::3'])(
    'cannot be %s',
    (HOST) => {
      expect(problemsOf({ ...valid, HOST }).problems).toMatchObject([{ variable: 'HOST' }])
    },
  )
})
