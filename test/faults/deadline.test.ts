import { expect, it } from 'bun:test'
import { DatabaseUnavailable } from '../../src/database'
import { describeError } from '../../src/log'
import { connectTo, openConnected } from '../support/databases'
import { startCluster } from './support/cluster'
import { startServing } from './support/process'
import { timed, until } from './support/time'

it('statements are refused by their deadline, not when the silent connection is given up', async () => {
  const cluster = await startCluster()
  const settings = { DATABASE_POOL_MAX: '1', DATABASE_TIMEOUT_MS: '600' }
  const events: string[] = []
  const database = await openConnected(cluster.url, settings, ({ state }) => events.push(state))
  const { tasks } = database.models
  const query = database.dialect.queryBuilder()
  const read = database.prepare(query.select().from(tasks), null)
  // It shares its connection with no other.
  const change = database.prepare(query.update(tasks).set({ completed: true }), null)
  await read({}, database.deadline())
  cluster.freeze()
  const statements = { 'under way': read, 'sent behind it': read, 'not sent': change }
  const refusals = await Promise.all(
    Object.entries(statements).map(([name, run]) =>
      run({}, database.deadline()).catch((error) => {
        events.push(name)
        return error
      }),
    ),
  )
  for (const refusal of refusals) expect(refusal).toBeInstanceOf(DatabaseUnavailable)
  await until('the connection is given up', () => events.includes('disconnected'))
  expect(events.slice(0, 4).toSorted()).toEqual(['connected', 'not sent', 'sent behind it', 'under way'])
  // The log of what is refused from now on says why, too.
  const refusal = await read({}, database.deadline()).catch(describeError)
  expect(refusal).toMatch(/an answer of the database/)
}, 30_000)

it('a write after a while without any traffic has a deadline, too', async () => {
  const cluster = await startCluster()
  const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: '1500' })
  const alice = await service.as('alice')
  expect((await alice.post('/api/tasks', { title: 'before' })).status).toBe(201)
  const locker = connectTo(cluster.url)
  await locker.unsafe('BEGIN; LOCK TABLE tasks')
  // So long that its connection counts as idle.
  await Bun.sleep(1300)
  const { result, ms } = await timed(() => alice.post('/api/tasks', { title: 'late' }))
  expect(result.status).toBe(503)
  expect(ms).toBeLessThan(5000)
  await locker.unsafe('ROLLBACK')
}, 30_000)
