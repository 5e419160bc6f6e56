import { expect, it } from 'bun:test'
import { connectTo } from '../support/databases'
import { startCluster } from './support/cluster'
import { startServing } from './support/process'
import { createProxy } from './support/proxy'
import { until } from './support/time'

it('a connection cut amid an answer costs a reader nothing, and no row', async () => {
  const cluster = await startCluster()
  const proxy = await createProxy(cluster.port)
  // One connection: the one that was cut is the one that serves the second attempt.
  const service = await startServing(proxy.url, { DATABASE_POOL_MAX: '1' })
  const alice = await service.as('alice')
  const description = 'x'.repeat(9000)
  for (let count = 0; count < 60; count++) await alice.post('/api/tasks', { title: `${count}`, description })
  const { body: whole } = await alice.get('/api/tasks?limit=60')
  proxy.cutAfter(200_000)
  const again = await alice.get('/api/tasks?limit=60')
  expect(proxy.hasCut).toBe(true)
  expect(again.status).toBe(200)
  expect(again.body).toEqual(whole)
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)

it('connections that break one after the other under the tries of a read cost it nothing', async () => {
  const cluster = await startCluster()
  const proxy = await createProxy(cluster.port)
  const poolMax = 20
  const service = await startServing(proxy.url, { DATABASE_POOL_MAX: String(poolMax) })
  const alice = await service.as('alice')
  const admin = connectTo(cluster.url)
  await until('every connection is open', async () => {
    const reads = await Promise.all(Array.from({ length: 4 * poolMax }, () => alice.get('/api/tasks')))
    expect(reads.map(({ status }) => status)).toEqual(reads.map(() => 200))
    const open = await admin`
        SELECT FROM pg_stat_activity WHERE query LIKE '%"tasks"%' AND pid <> pg_backend_pid()`
    return open.length >= poolMax
  })
  proxy.breakNext(poolMax - 1)
  expect((await alice.get('/api/tasks')).status).toBe(200)
  expect(proxy.isBreaking).toBe(false)
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)
