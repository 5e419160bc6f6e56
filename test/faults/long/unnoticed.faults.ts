import { describe, expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { createProxy } from '../support/proxy'
import { expectEverySlot, onTasks, terminateOthers } from '../support/statements'
import { until } from '../support/time'

describe('connections that the server ends', () => {
  it('do not affect a read in flight', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url)
    const alice = await service.as('alice')
    const locker = connectTo(cluster.url)
    await locker.unsafe('BEGIN; LOCK TABLE tasks')
    const reading = alice.get('/api/tasks')
    await until('it is being read', async () => (await onTasks(locker)) === 1)
    await terminateOthers(locker)
    await until('it is being read again', async () => (await onTasks(locker)) === 1)
    await locker.unsafe('ROLLBACK')
    expect((await reading).status).toBe(200)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)
})

describe('/health', () => {
  it('is healthy again after an outage that affected no request', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url)
    cluster.freeze()
    // Longer than the connection for pings is given to answer.
    for (let probe = 0; probe < 3; probe++) expect((await service.get('/health')).status).toBe(503)
    cluster.thaw()
    const isHealthy = async () => (await service.get('/health')).status === 200
    expect(await until('it is healthy', isHealthy)).toBeLessThan(2000)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('is healthy while every connection of the pool waits for a lock', async () => {
    const cluster = await startCluster()
    const poolMax = 3
    const service = await startServing(cluster.url, { DATABASE_POOL_MAX: String(poolMax) })
    const alice = await service.as('alice')
    const locker = connectTo(cluster.url)
    await locker.unsafe('BEGIN; LOCK TABLE tasks')
    const reads = Array.from({ length: poolMax }, () => alice.get('/api/tasks'))
    await until('every slot is in use', async () => (await onTasks(locker)) === poolMax)
    expect((await service.get('/health')).status).toBe(200)
    await locker.unsafe('ROLLBACK')
    expect((await Promise.all(reads)).map(({ status }) => status)).toEqual(Array(poolMax).fill(200))
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)
})

describe('connections that do not open', () => {
  it('occupy no slot of the pool once the network is back', async () => {
    const cluster = await startCluster()
    const proxy = await createProxy(cluster.port)
    const poolMax = 3
    const service = await startServing(proxy.url, {
      DATABASE_TIMEOUT_MS: '300',
      DATABASE_POOL_MAX: String(poolMax),
    })
    const alice = await service.as('alice')
    // The pool has no connection yet: it opens them for these requests.
    proxy.silence()
    const writes = Array.from({ length: poolMax }, () => alice.post('/api/tasks', { title: 'late' }))
    expect((await Promise.all(writes)).map(({ status }) => status)).toEqual(Array(poolMax).fill(503))
    proxy.heal()
    const serves = async () => (await alice.get('/api/tasks')).status === 200
    expect(await until('it serves', serves)).toBeLessThan(2000)
    const admin = connectTo(cluster.url)
    await until('every connection is open', async () => {
      await Promise.all(Array.from({ length: 4 * poolMax }, () => alice.get('/api/tasks')))
      const open = await admin`
        SELECT FROM pg_stat_activity WHERE query LIKE '%"tasks"%' AND pid <> pg_backend_pid()`
      return open.length >= poolMax
    })
    await expectEverySlot(admin, alice, poolMax)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)
})
