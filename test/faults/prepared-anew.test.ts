import { describe, expect, it } from 'bun:test'
import type { Sql } from 'postgres'
import { connectTo, openConnected } from '../support/databases'
import { startCluster } from './support/cluster'
import { startServing } from './support/process'
import { repeatConcurrently } from './support/repeat-concurrently'
import { slowDown } from './support/statements'
import { until } from './support/time'

/** Makes the server refuse the plans that it has: "cached plan must not change result type". */
const changeType = (admin: Sql, round: number) =>
  admin.unsafe(`ALTER TABLE tasks ALTER title TYPE ${round % 2 ? 'text' : 'varchar(600)'}`)

describe('statements whose plans the server refuses', () => {
  it('are prepared again silently, and get their own results', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_POOL_MAX: '1' })
    const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank']
    const users = await Promise.all(names.map((name) => service.as(name)))
    for (const user of users) expect((await user.post('/api/tasks', { title: 'mine' })).status).toBe(201)
    const admin = connectTo(cluster.url)
    let read = 0
    const stop = repeatConcurrently(
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
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('keep their values, on however many connections', async () => {
    const cluster = await startCluster()
    const poolMax = 5
    const service = await startServing(cluster.url, { DATABASE_POOL_MAX: String(poolMax) })
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    for (let round = 0; round < 3; round++) {
      // So many at once that each connection has prepared the statement before its type changes again.
      const add = () => alice.post('/api/tasks', { title: 'done', completed: true })
      for (const { status, body } of await Promise.all(Array.from({ length: 4 * poolMax }, add))) {
        expect(status).toBe(201)
        expect(body.completed).toBe(true)
      }
      await changeType(admin, round)
      // The tries of a statement alone are fewer than the connections whose plan it meets.
      expect((await alice.post('/api/tasks', { title: 'done', completed: true })).status).toBe(201)
    }
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('are not retried after their deadline', async () => {
    const cluster = await startCluster()
    const settings = { DATABASE_POOL_MAX: '1', DATABASE_TIMEOUT_MS: '600' }
    const database = await openConnected(cluster.url, settings)
    const { tasks, conversations } = database.models
    const query = database.dialect.queryBuilder()
    const addTask = database.prepare(query.insert(tasks).values({ user_id: 'alice', title: 'slow' }), null)
    const add = database.prepare(query.insert(conversations).values({ user_id: 'alice' }).returning(), null)
    const list = database.prepare(query.select().from(conversations), null)
    await add({}, database.deadline())
    const admin = connectTo(cluster.url)
    await slowDown(admin, 10)
    await admin.unsafe('ALTER TABLE conversations ALTER user_id TYPE varchar(600)')
    const deadline = database.deadline()
    // The one behind the other, which is cancelled at the deadline of both.
    const answers = await Promise.allSettled([addTask({}, deadline), add({}, deadline)])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    // The first may overtake one that is sent again, the second cannot.
    await list({}, database.deadline())
    expect(await list({}, database.deadline())).toHaveLength(1)
  }, 30_000)
})
