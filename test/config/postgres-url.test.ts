import { describe, expect, it } from 'bun:test'
import { PostgresUrlError } from '../../src/config/postgres-location'
import { parsePostgresUrl } from '../../src/config/postgres-url'

const secret = 'hunter2'

describe('a Postgres URL', () => {
  it.each([
    [
      'postgres://alice:p@ss#w?rd@db.example/todo',
      { user: 'alice', password: 'p@ss#w?rd', database: 'todo' },
    ],
    ['postgres://alice:a%20b%2Fc+d@db.example/todo', { password: 'a b/c+d' }],
    [
      'postgres://db.example?user=alice&password=p%26q&dbname=a%20b',
      { user: 'alice', password: 'p&q', database: 'a b' },
    ],
    [
      'postgres://alice@one.example:1,two.example:2,[::1]:3/todo',
      {
        hosts: [
          { host: 'one.example', port: 1 },
          { host: 'two.example', port: 2 },
          { host: '::1', port: 3 },
        ],
      },
    ],
    [
      'postgres://alice@one.example,two.example/todo?port=6543',
      {
        hosts: [
          { host: 'one.example', port: 6543 },
          { host: 'two.example', port: 6543 },
        ],
      },
    ],
    ['postgres://alice@%2Frun%2Fpostgresql:5433/todo', { hosts: [{ host: '/run/postgresql', port: 5433 }] }],
    ['postgres://alice@db.example', { database: 'alice', tls: { mode: 'prefer' } }],
    ['postgres://alice@db.example?sslmode=require&sslrootcert=ca.pem', { tls: { mode: 'verify-ca' } }],
    ['postgres://alice@db.example?sslrootcert=system', { tls: { mode: 'verify-full' } }],
    ['postgres://alice@db.example?ssl=true', { tls: { mode: 'require' } }],
    [
      'postgres://alice@db.example?connect_timeout=15&keepalives=0',
      { connectTimeoutMs: 15_000, keepaliveIdleS: 0 },
    ],
    ['postgres://alice@db.example?connect_timeout=0', { connectTimeoutMs: undefined }],
    [
      'postgres://alice@db.example?fallback_application_name=a',
      { runtimeParameters: { application_name: 'a' } },
    ],
  ])('is read as libpq reads it: %s', (url, expected) => {
    const { location, warnings } = parsePostgresUrl(url)
    expect(location).toMatchObject(expected)
    expect(warnings).toEqual([])
  })

  it.each([
    ['a port that is none', `postgres://alice:${secret}@db.example:x/todo`],
    ['a port out of range', `postgres://alice:${secret}@db.example:65536/todo`],
    ['more ports than hosts', `postgres://alice:${secret}@db.example/todo?port=1,2`],
    ['a bare IPv6 address', `postgres://alice:${secret}@fe80::1/todo`],
    ['a percent that starts nothing', `postgres://alice:${secret}%zz@db.example/todo`],
    ['a slash in its password', `postgres://alice:1/${secret}@db.example/todo`],
    ['an unknown sslmode', `postgres://alice:${secret}@db.example/todo?sslmode=sometimes`],
    [
      'system roots without a check of the name',
      `postgres://alice:${secret}@db.example/todo?sslrootcert=system&sslmode=require`,
    ],
    [
      'a direct handshake that may be left out',
      `postgres://alice:${secret}@db.example/todo?sslnegotiation=direct`,
    ],
    ['unknown session attributes', `postgres://alice:${secret}@db.example/todo?target_session_attrs=fast`],
    ['a timeout that is no number', `postgres://alice:${secret}@db.example/todo?connect_timeout=soon`],
  ])('with %s is refused, and its password not repeated', (_, url) => {
    const parse = () => parsePostgresUrl(url)
    expect(parse).toThrow(PostgresUrlError)
    expect(parse).not.toThrow(new RegExp(secret))
  })

  it('names each unsupported parameter, and passes none of them on', () => {
    const parameters =
      'channel_binding=require&pgbouncer=true&schema=public&tcp_user_timeout=1&passfile=x&sslcrl=y'
    const { location, warnings } = parsePostgresUrl(`postgres://alice@db.example/todo?${parameters}`)
    for (const name of ['channel_binding', 'pgbouncer', 'schema', 'tcp_user_timeout', 'passfile', 'sslcrl'])
      expect(warnings.some((warning) => warning.includes(`"${name}"`))).toBe(true)
    expect(location.runtimeParameters).toEqual({ application_name: 'todo-backend' })
  })

  it('may request the default behaviour, without a warning', () => {
    const parameters = 'channel_binding=prefer&gssencmode=disable&client_encoding=UTF8&sslcompression=0'
    expect(parsePostgresUrl(`postgres://alice@db.example/todo?${parameters}`).warnings).toEqual([])
  })
})
