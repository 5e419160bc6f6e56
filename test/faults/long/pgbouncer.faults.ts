import { describe, expect, it } from 'bun:test'
import { root } from '../../support/program'
import { startCluster } from '../support/cluster'
import { longest, startLoad, statusesOf } from '../support/load'
import { startPgBouncer } from '../support/pgbouncer'
import { startServing } from '../support/process'
import { until } from '../support/time'

describe('PgBouncer in transaction mode', () => {
  it('lets the tests of the API and of the database pass', async () => {
    const cluster = await startCluster({ max_connections: '200' })
    const { url } = await startPgBouncer(cluster)
    const child = Bun.spawn([process.execPath, 'test', '--timeout', '30000', 'test/api', 'test/database'], {
      cwd: root,
      env: { ...process.env, TEST_DATABASE_URL: url },
      stdout: 'ignore',
      stderr: 'pipe',
    })
    const output = await new Response(child.stderr).text()
    expect(await child.exited, output).toBe(0)
  }, 120_000)

  it('serves several replicas at once', async () => {
    const cluster = await startCluster()
    const { url } = await startPgBouncer(cluster)
    const replicas = await Promise.all(Array.from({ length: 4 }, () => startServing(url)))
    const loads = await Promise.all(
      replicas.map(async (replica, index) => startLoad(await replica.as(`user ${index}`), 16)),
    )
    await Promise.all(loads.map((load) => load.waitForSuccesses(1000)))
    for (const load of loads) {
      const samples = await load.stop()
      expect(statusesOf(samples)).toEqual([200, 201])
      expect(longest(samples)).toBeLessThan(5000)
    }
    for (const { unexpectedOutput } of replicas) expect(unexpectedOutput).toEqual([])
  }, 60_000)

  it('costs its readers nothing when it accepts no more connections, and is not asked for one with each read', async () => {
    const cluster = await startCluster()
    // One for pings and one for statements, of a pool of three.
    const bouncer = await startPgBouncer(cluster, 2)
    const service = await startServing(bouncer.url, { DATABASE_POOL_MAX: '3' })
    const alice = await service.as('alice')
    const readAtOnce = async (count: number) => {
      const reads = await Promise.all(Array.from({ length: count }, () => alice.get('/api/tasks')))
      expect(reads.map(({ status }) => status)).toEqual(reads.map(() => 200))
    }
    const refusals = () => bouncer.log().match(/max_client_conn/g)?.length ?? 0
    await readAtOnce(1)
    await until('a connection was refused', async () => {
      await readAtOnce(3)
      return refusals() > 0
    })
    const before = refusals()
    for (let round = 0; round < 40; round++) await readAtOnce(3)
    expect(refusals()).toBeLessThan(before + 20)
    expect(service.unexpectedOutput).toEqual([])
  }, 60_000)

  it('changes nothing of what a frozen database costs', async () => {
    const cluster = await startCluster()
    const { url } = await startPgBouncer(cluster)
    const service = await startServing(url, { DATABASE_TIMEOUT_MS: '1500' })
    const load = startLoad(await service.as('alice'), 16)
    await load.waitForSuccesses(200)
    cluster.freeze()
    const waited = () => load.samples.filter(({ status }) => status === 503).length > 16
    await until('all wait no longer', waited)
    cluster.thaw()
    expect(await load.waitForSuccesses(200)).toBeLessThan(2000)
    const samples = await load.stop()
    expect(statusesOf(samples)).toEqual([200, 201, 503])
    expect(longest(samples)).toBeLessThan(2500)
    expect(service.unexpectedOutput).toEqual([])
  }, 60_000)
})
