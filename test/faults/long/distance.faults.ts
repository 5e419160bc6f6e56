import { expect, it } from 'bun:test'
import { cleanUp } from '../../support/cleanup'
import { connectTo } from '../../support/databases'
import { startDistance } from '../../support/distance'
import { createAuthority, setRules, startTlsCluster } from '../support/certificates'
import { startCluster } from '../support/cluster'
import { startProcess } from '../support/process'
import { timed, until } from '../support/time'

const startDistant = async (roundTripMs: number, parameters: string) => {
  const authority = await createAuthority()
  const cluster = await startTlsCluster(authority)
  const admin = connectTo(cluster.url)
  await admin.unsafe(`CREATE ROLE distant LOGIN SUPERUSER PASSWORD 'far away'`)
  setRules(cluster, 'hostssl all distant all scram-sha-256', 'host all postgres all trust')
  await admin`SELECT pg_reload_conf()`
  const distance = await startDistance(cluster.port, roundTripMs)
  cleanUp(distance.close)
  const ca = `sslmode=verify-full&sslrootcert=${authority.certificate}`
  const url = `postgres://distant:far%20away@localhost:${distance.port}/postgres?${ca}${parameters}`
  const service = await startProcess(url)
  return { service, cluster, admin }
}

it.each([220, 600])(
  'a Postgres %d ms away is connected to, with TLS and SCRAM',
  async (roundTripMs) => {
    const { service } = await startDistant(roundTripMs, '')
    await until('it is healthy', async () => (await service.get('/health')).status === 200, 30_000)
    const alice = await service.as('alice')
    expect((await alice.post('/api/tasks', { title: 'Far' })).status).toBe(201)
    // Each statement is described once for each connection, so the second is the one that counts.
    await alice.get('/api/tasks')
    const { result, ms } = await timed(() => alice.get('/api/tasks'))
    expect(result.body.data).toHaveLength(1)
    expect(ms).toBeLessThan(1.7 * roundTripMs)
    expect(service.unexpectedOutput).toEqual([])
  },
  60_000,
)

it('the health of a distant Postgres is known though it closes connections that are idle', async () => {
  const { service, admin } = await startDistant(220, '')
  await until('it is healthy', async () => (await service.get('/health')).status === 200, 30_000)
  const close = async () => {
    await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'distant'`
    await Bun.sleep(500)
  }
  await close()
  const { result, ms } = await timed(() => service.get('/health'))
  expect(result.status).toBe(200)
  expect(ms).toBeLessThan(1000)
  await until('it has connected again', async () => {
    const [found] = await admin`SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'distant'`
    return found?.count > 0
  })
}, 60_000)

it.each([
  ['three seconds', 3, ''],
  ['twelve seconds, which connect_timeout allows', 12, '?connect_timeout=20'],
])(
  'a server that takes %s to start a session is waited for',
  async (_, seconds, parameters) => {
    const cluster = await startCluster({ post_auth_delay: String(seconds) })
    const service = await startProcess(`${cluster.url}${parameters}`)
    await until('it has connected', async () => (await service.get('/health')).status === 200, 60_000)
  },
  90_000,
)
