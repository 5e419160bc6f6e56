import { expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { createProxy } from '../support/proxy'
import { onTasks, slowDown, socketsTo } from '../support/statements'
import { until } from '../support/time'

const start = async () => {
  const cluster = await startCluster()
  const proxy = await createProxy(cluster.port)
  const service = await startServing(proxy.url, { DATABASE_TIMEOUT_MS: '300' })
  const admin = connectTo(cluster.url)
  await slowDown(admin, 300)
  return { proxy, service, admin, alice: await service.as('alice') }
}

it('a request to cancel that arrives after its connection was given up still ends the statement', async () => {
  const { proxy, service, admin, alice } = await start()
  proxy.holdNew(1500)
  const adding = alice.post('/api/tasks', { title: 'late' })
  await until('it is being added', async () => (await onTasks(admin)) === 1)
  expect((await adding).status).toBe(503)
  await until('the statement has ended', async () => (await onTasks(admin)) === 0, 5000)
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)

it('a request to cancel that never gets an answer is given up', async () => {
  const { proxy, service, admin, alice } = await start()
  proxy.holdNew(600_000)
  const adding = alice.post('/api/tasks', { title: 'late' })
  await until('it is being added', async () => (await onTasks(admin)) === 1)
  expect((await adding).status).toBe(503)
  await until('only the connection for pings is left', () => socketsTo(proxy.port) === 1, 45_000)
  expect(service.unexpectedOutput).toEqual([])
}, 90_000)
