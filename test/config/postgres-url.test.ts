import { describe, expect, it } from 'bun:test'
import { readConfig } from '../../src/config'
import { parsePostgresUrl } from '../../src/config/postgres-url'
import { valid } from './support'

const secret = 'hunter2'
const withQuery = (query: string) => parsePostgresUrl(`postgres://alice:${secret}@db.example/todo?${query}`)
const tlsOf = (query: string) => withQuery(query).location.tls

/** The reason why a URL cannot be used, as the log has it. */
const refusalOf = (url: string) => {
  const { database, warnings } = readConfig({ ...valid, DATABASE_URL: url })
  if (database.dialect !== 'unknown') throw new Error(`it was read as ${database.dialect}`)
  expect(warnings).toEqual([])
  return database.reason
}

describe('a Postgres URL', () => {
  it.each([
    [
      'postgres://alice:p@ss#w?rd@db.example/todo',
      { user: 'alice', password: 'p@ss#w?rd', host: 'db.example', port: 5432, database: 'todo' },
    ],
    ['postgres://alice:a%20b%2Fc+d@db.example/todo', { password: 'a b/c+d' }],
    [
      'postgres://db.example?user=alice&password=p%26q&dbname=a%20b',
      { user: 'alice', password: 'p&q', database: 'a b' },
    ],
    ['postgres://alice@db.example:1/todo?host=two.example&port=2', { host: 'two.example', port: 2 }],
    ['postgres://alice@[::1]:3/todo', { host: '::1', port: 3 }],
    ['postgres://alice@%2Frun%2Fpostgresql:5433/todo', { host: '/run/postgresql', port: 5433 }],
    ['postgres://alice@/todo?host=/run/postgresql', { host: '/run/postgresql', tls: { mode: 'disable' } }],
    ['postgres://alice@/todo?host=/run/postgresql&sslmode=verify-full', { tls: { mode: 'disable' } }],
    ['postgres://alice@db.example', { database: 'alice', password: undefined, tls: { mode: 'prefer' } }],
    ['postgres://alice@db.example', { parameters: { application_name: 'todo-backend' } }],
    ['postgres://alice@db.example?application_name=my%20app', { parameters: { application_name: 'my app' } }],
    ['postgres://alice@db.example?options=-c%20a%3Db', { parameters: { options: '-c a=b' } }],
  ])('is read as libpq reads it: %s', (url, expected) => {
    const { location, warnings } = parsePostgresUrl(url)
    expect(location).toMatchObject(expected)
    expect(warnings).toEqual([])
  })

  it.each([
    ['', { mode: 'prefer' }],
    ['sslmode=disable', { mode: 'disable' }],
    ['sslmode=allow', { mode: 'prefer' }],
    ['sslmode=require', { mode: 'require' }],
    ['ssl=require', { mode: 'require' }],
    ['ssl=true', { mode: 'require' }],
    ['sslmode=no-verify', { mode: 'require' }],
    ['ssl=true&sslmode=verify-full', { mode: 'verify-full' }],
    ['ssl=verify-full&sslmode=require', { mode: 'verify-full' }],
    ['sslmode=verify-ca', { mode: 'verify-ca', rootCertificate: undefined }],
    ['sslmode=verify-full', { mode: 'verify-full', rootCertificate: undefined }],
    ['sslmode=verify-full&sslrootcert=ca.pem', { mode: 'verify-full', rootCertificate: 'ca.pem' }],
    ['sslmode=require&sslrootcert=ca.pem', { mode: 'verify-ca', rootCertificate: 'ca.pem' }],
    ['sslrootcert=ca.pem', { mode: 'verify-ca', rootCertificate: 'ca.pem' }],
    ['sslrootcert=system', { mode: 'verify-full', rootCertificate: undefined }],
    ['sslmode=require&sslrootcert=system', { mode: 'verify-full', rootCertificate: undefined }],
    ['sslmode=verify-full&sslrootcert=system', { mode: 'verify-full', rootCertificate: undefined }],
    ['sslmode=require&channel_binding=require', { mode: 'verify-full', rootCertificate: undefined }],
    ['channel_binding=require', { mode: 'verify-full' }],
    [
      'channel_binding=require&sslmode=verify-ca&sslrootcert=a',
      { mode: 'verify-full', rootCertificate: 'a' },
    ],
    ['channel_binding=prefer', { mode: 'prefer' }],
    ['sslcert=c&sslkey=k&sslpassword=p', { mode: 'require', certificate: 'c', key: 'k', passphrase: 'p' }],
    ['sslcert=c&sslkey=k&sslcertmode=require', { mode: 'require', certificate: 'c' }],
    ['sslnegotiation=direct', { mode: 'require' }],
    ['ssl_min_protocol_version=TLSv1.3', { mode: 'require', minVersion: 'TLSv1.3' }],
    ['sslmode=verify-full&ssl_max_protocol_version=TLSv1.2', { mode: 'verify-full', maxVersion: 'TLSv1.2' }],
  ])('with %s is secured as it asks, or better', (query, expected) => {
    expect(tlsOf(query)).toMatchObject(expected)
    expect(withQuery(query).warnings).toEqual([])
  })

  it.each([
    ['a port that is none', `alice:${secret}@db.example:x/todo`, 'port'],
    ['a port out of range', `alice:${secret}@db.example:65536/todo`, 'port'],
    ['several hosts', `alice:${secret}@one.example,two.example/todo`, 'several hosts'],
    ['several hosts and ports', `alice:${secret}@one.example:1,[::1]:2/todo`, 'several hosts'],
    ['several hosts, one an address', `alice:${secret}@[::1],two.example/todo`, 'several hosts'],
    ['several hosts as a parameter', `alice:${secret}@/todo?host=one.example,two.example`, 'several hosts'],
    ['the host twice', `alice:${secret}@/todo?host=one.example&host=two.example`, '"host" twice'],
    ['several ports', `alice:${secret}@db.example/todo?port=1,2`, 'several hosts'],
    ['a bare IPv6 address', `alice:${secret}@fe80::1/todo`, 'port'],
    ['an open bracket', `alice:${secret}@[::1/todo`, 'IPv6'],
    ['a percent that starts nothing', `alice:${secret}%zz@db.example/todo`, '%25'],
    ['a zero byte', `alice%00:${secret}@db.example/todo`, '%00'],
    ['a slash in its password', `alice:1/${secret}@db.example/todo`, '%2F'],
    ['an @ and a slash in its password', `alice:1@2/${secret}@db.example/todo`, '%2F'],
    ['a blank in its password', `alice:1 ${secret}@db.example/todo`, '%20'],
    ['an ampersand in its password', `db.example/todo?user=alice&password=1&${secret}`, '%26'],
    ['a line after it', `alice:${secret}@db.example/todo\nOTHER=1`, 'line break'],
  ])('with %s is refused with a reason, and its password is not repeated', (_, rest, reason) => {
    const refusal = refusalOf(`postgres://${rest}`)
    expect(refusal).toContain(reason)
    expect(refusal).not.toContain(secret)
  })

  it.each([
    'require_auth=scram-sha-256',
    'require_auth=none',
    'requirepeer=postgres',
    'requiressl=1',
    'requireAuth=scram-sha-256',
    'channelBinding=require',
    'channel_binding=required',
    'channel_binding=require&sslmode=disable',
    'channel_binding=require&host=/run/postgresql',
    'sslmode=sometimes',
    'ssl=yes',
    'sslrootcert=system&sslmode=disable',
    'sslcrl=crl.pem',
    'sslcrldir=/crl',
    'sslaccept=strict',
    'sslsni=0',
    'sslcert=client.pem',
    'sslkey=client.key',
    'sslcertmode=require',
    'sslcertmode=require&sslcert=c&sslkey=k&sslmode=disable',
    'sslcertmode=always',
    'ssl_min_protocol_version=TLSv2',
    'ssl_max_protocol_version=SSLv3',
    'min_protocol_version=3.2',
    'gssencmode=require',
    'gssencmode=required',
    'scram_server_key=abc',
    'amp;channel_binding=require',
    'tls=true',
    'target_session_attrs=standby',
    'target_session_attrs=read-only',
    'target_session_attrs=fast',
    'targetServerType=secondary',
    'hostaddr=192.0.2.1',
    'service=other',
    'schema=other',
    'currentSchema=other',
    'search_path=other',
  ])('with %s is refused by name: what it asks for cannot be met', (query) => {
    const refusal = refusalOf(`postgres://alice:${secret}@db.example/todo?${query}`)
    const [name = ''] = query.split('=', 1)
    expect(refusal).toContain(name)
    expect(refusal).not.toContain(secret)
  })

  it('sends no client certificate with sslcertmode=disable', () => {
    expect(tlsOf('sslcert=c&sslkey=k&sslcertmode=disable').certificate).toBeUndefined()
  })

  it('names each unsupported parameter once in one warning, and passes none of them on', () => {
    const names = ['pgbouncer', 'connection_limit', 'connect_timeout', 'schema', 'tcp_user_timeout']
    const others = ['passfile', 'keepalives_idle', 'krbsrvname', 'client_encoding']
    const values = 'pgbouncer=true&connection_limit=1&connect_timeout=15&schema=public&tcp_user_timeout=1'
    const more = 'passfile=x&keepalives_idle=1&krbsrvname=a&client_encoding=LATIN1'
    const { location, warnings } = withQuery(`${values}&${more}`)
    expect(warnings).toHaveLength(1)
    for (const name of [...names, ...others]) expect(warnings[0]?.split(`"${name}"`)).toHaveLength(2)
    expect(location.parameters).toEqual({ application_name: 'todo-backend' })
  })

  it('may ask for what happens anyway', () => {
    const { warnings } = withQuery(
      'gssencmode=disable&sslcompression=0&sslsni=1&target_session_attrs=read-write',
    )
    expect(warnings).toHaveLength(1)
    const silent = 'channel_binding=prefer&sslnegotiation=postgres&sslcertmode=allow&require_auth=&sslcrl='
    expect(withQuery(silent).warnings).toEqual([])
  })
})
