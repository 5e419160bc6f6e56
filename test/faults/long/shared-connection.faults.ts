import { describe, expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { repeatConcurrently } from '../support/repeat-concurrently'
import { onTasks, slowDown } from '../support/statements'
import { timed, until } from '../support/time'

describe('statements that share a connection', () => {
  it("never return another user's rows, and end one by one when they are late", async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: '600', DATABASE_POOL_MAX: '1' })
    const writers = await Promise.all(['alice', 'bob', 'carol', 'dave'].map((name) => service.as(name)))
    const readers = await Promise.all(['erin', 'frank'].map((name) => service.as(name)))
    for (const user of [...writers, ...readers])
      expect((await user.post('/api/tasks', { title: 'own' })).status).toBe(201)
    await slowDown(connectTo(cluster.url), 0.4)

    for (let round = 0; round < 3; round++) {
      // The second still runs at the deadline of all four, and two are behind it.
      const writing = writers.map((user) => user.post('/api/tasks', { title: 'of somebody else' }))
      await Bun.sleep(300)
      const read = await Promise.all(readers.map((user) => user.get('/api/tasks')))
      for (const { status, body } of read) {
        expect(status).toBe(200)
        expect(body.data.map(({ title }: { title: string }) => title)).toEqual(['own'])
      }
      const statuses = (await Promise.all(writing)).map(({ status }) => status)
      expect(statuses.toSorted()).toEqual([201, 503, 503, 503])
    }
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('do not wait for a locked row', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: '2000', DATABASE_POOL_MAX: '2' })
    const alice = await service.as('alice')
    const { body: task } = await alice.post('/api/tasks', { title: 'held' })
    const locker = connectTo(cluster.url)
    const bob = await service.as('bob')
    const stop = repeatConcurrently(
      Array(6).fill(async () => expect((await bob.get('/api/tasks')).status).toBe(200)),
    )
    for (let round = 0; round < 10; round++) {
      await locker.unsafe(`BEGIN; SELECT FROM tasks WHERE id = ${task.id} FOR UPDATE`)
      const changing = alice.patch(`/api/tasks/${task.id}`, { title: `held ${round}` })
      await until('the change waits', async () => (await onTasks(locker)) > 0)
      // Long enough to be seen in the times of the others, if they waited for it.
      await Bun.sleep(100)
      await locker.unsafe('ROLLBACK')
      expect((await changing).status).toBe(200)
    }
    expect(await stop()).toBeLessThan(100)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('do not starve one that needs a connection to itself', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: '1000', DATABASE_POOL_MAX: '1' })
    const alice = await service.as('alice')
    const { body: task } = await alice.post('/api/tasks', { title: 'mine' })
    // So slow that the next are always sent before the last is over.
    await slowDown(connectTo(cluster.url), 0.01)
    const add = async () => expect((await alice.post('/api/tasks', { title: 'more' })).status).toBe(201)
    const stop = repeatConcurrently(Array(3).fill(add))
    for (let round = 0; round < 10; round++)
      expect((await alice.patch(`/api/tasks/${task.id}`, { completed: true })).status).toBe(200)
    await stop()
  }, 30_000)

  it('use another connection if one is stuck', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: '3000', DATABASE_POOL_MAX: '2' })
    const alice = await service.as('alice')
    const locker = connectTo(cluster.url)
    const looker = connectTo(cluster.url)
    await locker.unsafe('BEGIN; LOCK TABLE conversations')
    const stuck = alice.get('/api/conversations')
    await until('it waits', async () => {
      const waiting = await looker`SELECT pid FROM pg_locks WHERE NOT granted`
      return waiting.length === 1
    })
    // Long enough to be told from a statement that is only a little slow.
    await Bun.sleep(100)
    const others = await Promise.all(Array.from({ length: 24 }, () => timed(() => alice.get('/api/tasks'))))
    for (const { result, ms } of others) {
      expect(result.status).toBe(200)
      expect(ms).toBeLessThan(1000)
    }
    await locker.unsafe('ROLLBACK')
    expect((await stuck).status).toBe(200)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)
})
