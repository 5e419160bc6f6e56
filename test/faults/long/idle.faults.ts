import { describe, expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { expectEverySlot, onTasks, slowDown, terminateIdle, terminateOthers } from '../support/statements'
import { until } from '../support/time'

const poolMax = 10

describe('connections that the server ends', () => {
  it('are not noticed by a user where they were idle, ten times over', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url)
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    for (let round = 0; round < 10; round++) {
      const reads = await Promise.all(Array.from({ length: 20 }, () => alice.get('/api/tasks')))
      expect(reads.map(({ status }) => status)).toEqual(Array(20).fill(200))
      await terminateIdle(admin, cluster.port)
      const answers = await Promise.all([
        alice.get('/api/tasks'),
        alice.post('/api/tasks', { title: `${round}` }),
        alice.get('/api/conversations'),
        service.get('/health'),
      ])
      expect(answers.map(({ status }) => status)).toEqual([200, 201, 200, 200])
    }
    expect((await alice.get('/api/tasks')).body.data).toHaveLength(10)
    await expectEverySlot(admin, alice, poolMax)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('are not noticed by a reader at that very moment, fifty times over', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url)
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    const seen = new Set<number>()
    for (let round = 0; round < 50; round++) {
      await Promise.all(Array.from({ length: 20 }, () => alice.get('/api/tasks')))
      const ending = terminateOthers(admin)
      const reads = await Promise.all(Array.from({ length: 5 }, () => alice.get('/api/tasks')))
      for (const { status } of reads) seen.add(status)
      await ending
    }
    expect([...seen]).toEqual([200])
    await terminateIdle(admin, cluster.port)
    await expectEverySlot(admin, alice, poolMax)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('never cost a write twice', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url)
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    await slowDown(admin, 0.3)
    const writing = alice.post('/api/tasks', { title: 'once' })
    await until('it is being written', async () => (await onTasks(admin)) === 1)
    await terminateOthers(admin)
    expect((await writing).status).toBe(503)
    expect((await alice.get('/api/tasks')).body.data).toEqual([])
  }, 30_000)
})
