import { expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { createProxy } from '../support/proxy'
import { onTasks, slowDown, socketsTo } from '../support/statements'
import { until } from '../support/time'

/** A service whose request is given up while new connections answer only after this time, in milliseconds. */
const giveUp = async (holdMs: number) => {
  const cluster = await startCluster()
  const proxy = await createProxy(cluster.port)
  const service = await startServing(proxy.url, { DATABASE_TIMEOUT_MS: '300' })
  const admin = connectTo(cluster.url)
  await slowDown(admin, 300)
  const alice = await service.as('alice')
  proxy.holdNew(holdMs)
  const adding = alice.post('/api/tasks', { title: 'late' })
  await until('it is being added', async () => (await onTasks(admin)) === 1)
  expect((await adding).status).toBe(503)
  return { proxy, service, admin }
}

it('a request to cancel that arrives after its connection was given up still ends the statement', async () => {
  const { service, admin } = await giveUp(1500)
  await until('the statement has ended', async () => (await onTasks(admin)) === 0, 5000)
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)

it('a request to cancel that never gets an answer is given up', async () => {
  const { proxy, service } = await giveUp(600_000)
  // It is held back still, but no other connection from now on.
  proxy.holdNew(0)
  const alice = await service.as('alice')
  await until('it serves', async () => (await alice.get('/api/tasks')).status === 200)
  const own = 'the connection of the pool and that for pings are left'
  await until(own, () => socketsTo(proxy.port) === 2, 45_000)
  expect(service.unexpectedOutput).toEqual([])
}, 90_000)
