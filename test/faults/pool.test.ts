import { expect, it } from 'bun:test'
import { connectTo } from '../support/databases'
import { startCluster } from './support/cluster'
import { startServing } from './support/process'
import { until } from './support/time'

/** One answers pings. */
const control = 1

it('requests one after the other share one connection, and others are opened only for more at once', async () => {
  const cluster = await startCluster()
  const service = await startServing(cluster.url, { DATABASE_POOL_MAX: '5' })
  const alice = await service.as('alice')
  const looker = connectTo(cluster.url)
  const connections = async () => {
    const [found] = await looker<{ count: number }[]>`
      SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'todo-backend'`
    return found?.count
  }
  for (let round = 0; round < 20; round++)
    expect((await alice.post('/api/tasks', { title: `${round}` })).status).toBe(201)
  expect(await connections()).toBe(control + 1)
  // The pool may have answered some of them before it has opened all that it may.
  await until('all connections are open', async () => {
    const many = await Promise.all(Array.from({ length: 40 }, () => alice.get('/api/tasks')))
    expect(many.map(({ status }) => status)).toEqual(Array(40).fill(200))
    return (await connections()) === control + 5
  })
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)
