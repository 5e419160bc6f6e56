import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { chmodSync } from 'node:fs'
import { connectTo, temporaryFolder } from '../../support/databases'
import { createAuthority, setRules, startTlsCluster } from '../support/certificates'
import { startProcess, startServing } from '../support/process'
import { until } from '../support/time'

setDefaultTimeout(60_000)

/** What a password may hold that has a meaning in a URI. */
const password = "p@s:s/w#o?r%d&=+ '"
const encoded = encodeURIComponent(password)

const setUp = async () => {
  const socketFolder = temporaryFolder()
  chmodSync(socketFolder, 0o777)
  const authority = await createAuthority()
  const cluster = await startTlsCluster(authority, socketFolder)
  const admin = connectTo(cluster.url)
  await admin.unsafe(`
    CREATE ROLE user_with_password LOGIN SUPERUSER PASSWORD '${password.replaceAll("'", "''")}';
    CREATE ROLE encrypted LOGIN SUPERUSER; CREATE ROLE plain LOGIN SUPERUSER; CREATE ROLE holder LOGIN SUPERUSER`)
  setRules(
    cluster,
    'hostssl all encrypted all trust',
    'hostnossl all plain all trust',
    'hostssl all holder all cert',
    'host all user_with_password all scram-sha-256',
    'local all user_with_password scram-sha-256',
    'host all postgres all trust',
    'local all postgres trust',
  )
  await admin`SELECT pg_reload_conf()`
  return { socketFolder, authority, cluster, holder: await authority.sign('holder') }
}

/** How a service is connected: over TLS or not, and to which address. */
const connectionOf = async (admin: ReturnType<typeof connectTo>) => {
  const [found] = await admin<{ ssl: boolean; address: string | null; user: string; name: string }[]>`
    SELECT ssl, host(client_addr) AS address, usename AS user, application_name AS name
    FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
    WHERE backend_type = 'client backend' AND application_name <> 'postgres.js' LIMIT 1`
  return found
}

describe('a DATABASE_URL as libpq reads it', () => {
  it('connects in every form that names the same server', async () => {
    const { socketFolder, cluster, authority, holder } = await setUp()
    const { port } = cluster
    const other = await createAuthority()
    const admin = connectTo(cluster.url)
    const ca = `sslrootcert=${authority.certificate}`
    const forms: [string, object][] = [
      [`postgresql://postgres@/postgres?host=${socketFolder}&port=${port}`, { address: null }],
      [`postgresql://postgres@${encodeURIComponent(socketFolder)}:${port}/postgres`, { address: null }],
      [`postgres://postgres@[::1]:${port}/postgres`, { address: '::1' }],
      [`postgres://localhost:${port}/ignored?user=postgres&dbname=postgres`, { user: 'postgres' }],
      [`postgres:///postgres?host=127.0.0.1&port=${port}&user=postgres`, { address: '127.0.0.1' }],
      [`postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`, { ssl: false }],
      [`postgres://postgres@127.0.0.1:${port}/postgres`, { ssl: true }],
      [`postgres://encrypted@localhost:${port}/postgres?sslmode=allow`, { ssl: true }],
      [`postgres://postgres@localhost:${port}/postgres?sslmode=require`, { ssl: true }],
      [`postgres://postgres@localhost:${port}/postgres?sslmode=require&${ca}`, { ssl: true }],
      [`postgres://postgres@127.0.0.1:${port}/postgres?sslmode=verify-ca&${ca}`, { ssl: true }],
      [`postgres://postgres@localhost:${port}/postgres?sslmode=verify-full&${ca}`, { ssl: true }],
      [
        `postgres://postgres@localhost:${port}/postgres?sslmode=verify-full&${ca}&ssl_min_protocol_version=TLSv1.3`,
        { ssl: true },
      ],
      [
        `postgres://holder@localhost:${port}/postgres?sslmode=verify-full&${ca}&sslcert=${holder.certificate}&sslkey=${holder.key}`,
        { user: 'holder' },
      ],
      [
        `postgres://user_with_password:${encoded}@localhost:${port}/postgres?application_name=my%20app`,
        { name: 'my app' },
      ],
      [
        `postgres://user_with_password@localhost:${port}/postgres?password=${encoded}&sslmode=require`,
        { ssl: true },
      ],
      [
        `postgres://postgres@localhost:${port}/postgres?channel_binding=prefer&gssencmode=prefer&pgbouncer=true&schema=public&connection_limit=5&tcp_user_timeout=1`,
        {},
      ],
      [
        `postgres://postgres@localhost:${port}/postgres?target_session_attrs=read-write&load_balance_hosts=random&keepalives=1&connect_timeout=10`,
        {},
      ],
      [`postgres://postgres@localhost:${port}/postgres?options=-c%20statement_timeout%3D9999`, {}],
      [`postgresql+asyncpg://postgres@localhost:${port}/postgres?ssl=require`, { ssl: true }],
    ]
    const known = { NODE_EXTRA_CA_CERTS: authority.certificate }
    const verified = `postgres://postgres@localhost:${port}/postgres?sslmode=verify-full&sslrootcert=system`
    const all: [string, object, Record<string, string>?][] = [...forms, [verified, { ssl: true }, known]]
    for (const [url, expected, environment] of all) {
      const service = await startServing(url, environment).catch((error) => {
        throw new Error(`${url}: ${error}`)
      })
      expect((await (await service.as('alice')).get('/api/tasks')).status, url).toBe(200)
      expect(await connectionOf(admin), url).toMatchObject(expected)
      service.kill('SIGKILL')
      await service.exited()
      await until('its connections have closed', async () => (await connectionOf(admin)) === undefined)
    }
    const rejected: [string, RegExp][] = [
      [
        `postgres://postgres@localhost:${port}/postgres?sslmode=verify-full&sslrootcert=${other.certificate}`,
        /CERT|certificate/i,
      ],
      [`postgres://postgres@127.0.0.1:${port}/postgres?sslmode=verify-full&${ca}`, /127\.0\.0\.1/],
      [
        `postgres://postgres@localhost:${port}/postgres?sslmode=verify-full&sslrootcert=system`,
        /certificate/i,
      ],
      [
        `postgres://postgres@localhost:${port}/postgres?sslmode=verify-ca&sslrootcert=/missing/ca.pem`,
        /sslrootcert.*ENOENT/,
      ],
      [
        `postgres://holder@localhost:${port}/postgres?sslcert=/missing/a.pem&sslkey=/missing/a.key`,
        /sslcert.*ENOENT/,
      ],
      [`postgres://postgres@localhost:${port}/postgres?sslmode=sometimes`, /sslmode/],
      [`postgres://postgres@localhost:${port}/postgres?target_session_attrs=standby`, /target_session_attrs/],
      [`postgres://plain@localhost:${port}/postgres?sslmode=require`, /28000/],
      [`postgres://user_with_password:secret%2@localhost:${port}/postgres`, /password/],
      [`postgres://user_with_password:secret@localhost:${port}/postgres`, /28P01/],
      [
        `postgres://user_with_password:secret@localhost:${port}/postgres?require_auth=password`,
        /require_auth/,
      ],
      [`postgres://user_with_password:secret@localhost:${port},localhost:${port}/postgres`, /several hosts/],
      [`psql 'postgres://user_with_password:secret@localhost:${port}/postgres'`, /write the URL alone/],
      [`postgres://postgres@localhost:${port}x/postgres`, /port/],
      [`postgres://postgres@::1/postgres`, /port|IPv6/],
    ]
    for (const [url, reason] of rejected) {
      const service = await startProcess(url)
      await until(`the log says why not ${url}: ${service.output()}`, () => reason.test(service.output()))
      expect((await service.get('/health')).status).toBe(503)
      expect(service.output()).not.toContain('secret')
      service.kill('SIGKILL')
      await service.exited()
    }
  })
})
