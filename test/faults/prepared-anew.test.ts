import { describe, expect, it } from 'bun:test'
import type { Sql } from 'postgres'
import { connectTo } from '../support/databases'
import { startCluster } from './support/cluster'
import { keepOn } from './support/keep-on'
import { startServing } from './support/process'
import { until } from './support/time'

/** Makes the server refuse the plans that it has: "cached plan must not change result type". */
const changeType = (admin: Sql, round: number) =>
  admin.unsafe(`ALTER TABLE tasks ALTER title TYPE ${round % 2 ? 'text' : 'varchar(600)'}`)

describe('statements whose plans the server refuses', () => {
  it('are prepared anew without a word, and keep to their own answers', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_POOL_MAX: '1' })
    const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank']
    const users = await Promise.all(names.map((name) => service.as(name)))
    for (const user of users) expect((await user.post('/api/tasks', { title: 'mine' })).status).toBe(201)
    const admin = connectTo(cluster.url)
    let read = 0
    const stop = keepOn(
      users.map((user, index) => async () => {
        const { status, body } = await user.get('/api/tasks')
        expect(status).toBe(200)
        expect(body.data).toMatchObject([{ user_id: names[index] }])
        read++
      }),
    )
    for (let round = 0; round < 40; round++) {
      await changeType(admin, round)
      const before = read
      await until('all have read', () => read >= before + users.length)
    }
    await stop()
    expect(service.complaints).toEqual([])
  }, 30_000)

  it('keep their values, on however many connections', async () => {
    const cluster = await startCluster()
    const poolMax = 5
    const service = await startServing(cluster.url, { DATABASE_POOL_MAX: String(poolMax) })
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    for (let round = 0; round < 3; round++) {
      // In turns, so that each connection has prepared the statement before its type changes again.
      for (let count = 0; count < 2 * poolMax; count++) {
        const { status, body } = await alice.post('/api/tasks', { title: 'done', completed: true })
        expect(status).toBe(201)
        expect(body.completed).toBe(true)
      }
      await changeType(admin, round)
    }
    expect(service.complaints).toEqual([])
  }, 30_000)
})
