import { describe, expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { expectEverySlot, untilStatementsEnd } from '../support/statements'
import { timed, until } from '../support/time'

describe('a locked table', () => {
  it('costs a 503 by the deadline, and leaves no statement on the server', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, {
      DATABASE_TIMEOUT_MS: '1000',
      DATABASE_POOL_MAX: '5',
      METRICS: 'true',
    })
    const alice = await service.as('alice')
    const locker = connectTo(cluster.url)
    const admin = connectTo(cluster.url)
    await locker.unsafe('BEGIN; LOCK TABLE tasks')
    // More than the pool has: some wait in Postgres, others for a connection.
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        timed(() => (index % 2 ? alice.get('/api/tasks') : alice.post('/api/tasks', { title: 'late' }))),
      ),
    )
    for (const { result, ms } of answers) {
      expect(result.status).toBe(503)
      expect(ms).toBeLessThan(2000)
    }
    await untilStatementsEnd(admin, service)
    // Nothing else is the worse for it.
    expect((await service.get('/health')).status).toBe(200)
    expect((await alice.get('/api/conversations')).status).toBe(200)
    await locker.unsafe('ROLLBACK')
    expect((await alice.get('/api/tasks')).body.data).toEqual([])
    expect((await alice.post('/api/tasks', { title: 'next' })).status).toBe(201)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('leaves every slot of the pool alive, ten times over', async () => {
    const cluster = await startCluster()
    const poolMax = 3
    const service = await startServing(cluster.url, {
      DATABASE_TIMEOUT_MS: '200',
      DATABASE_POOL_MAX: String(poolMax),
    })
    const alice = await service.as('alice')
    const locker = connectTo(cluster.url)
    for (let round = 0; round < 10; round++) {
      await locker.unsafe('BEGIN; LOCK TABLE tasks')
      const late = await Promise.all(
        Array.from({ length: 6 }, () => alice.post('/api/tasks', { title: 'late' })),
      )
      expect(late.map(({ status }) => status)).toEqual(Array(6).fill(503))
      await locker.unsafe('ROLLBACK')
    }
    await until('it serves', async () => (await alice.get('/api/tasks')).status === 200, 2000)
    await expectEverySlot(locker, alice, poolMax)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)
})
