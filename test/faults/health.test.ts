import { expect, it } from 'bun:test'
import { openConnected } from '../support/databases'
import { startCluster } from './support/cluster'
import { startServing } from './support/process'
import { createProxy } from './support/proxy'
import { until } from './support/time'

it('probes at the same moment share one ping', async () => {
  const cluster = await startCluster()
  const proxy = await createProxy(cluster.port)
  const service = await startServing(proxy.url, { METRICS: 'true' })
  const inFlight = async () => {
    const [, count] = /^http_requests_in_flight\S* (\d+)$/m.exec((await service.get('/metrics')).body) ?? []
    return Number(count)
  }
  proxy.pause()
  const count = 50
  const probes = Promise.all(Array.from({ length: count }, () => service.get('/health')))
  await until('all are asking', async () => (await inFlight()) > count, 700)
  // An answer to a ping has some 70 bytes: enough for a few, far from enough for one each.
  proxy.cutAfter(1000)
  proxy.resume()
  expect((await probes).map(({ status }) => status)).toEqual(Array(count).fill(200))
  expect(proxy.hasCut).toBe(false)
  expect(service.complaints).toEqual([])
}, 30_000)

it('a database that pings alone miss is told of once, and so is its return', async () => {
  const cluster = await startCluster()
  const states: string[] = []
  const database = await openConnected(cluster.url, {}, ({ state }) => states.push(state))
  const read = database.prepare(database.dialect.queryBuilder().select().from(database.models.tasks))
  const returns = {
    'a ping': () => until('it answers', database.ping, 2000),
    'a statement': () => read({}, database.deadline()),
  }
  for (const [name, meet] of Object.entries(returns)) {
    await meet()
    states.length = 0
    cluster.freeze()
    for (let probe = 0; probe < 2; probe++) expect(await database.ping()).toBe(false)
    expect(states).toEqual(['disconnected'])
    expect(database.status().connected).toBe(false)
    cluster.thaw()
    await meet()
    expect([name, ...states]).toEqual([name, 'disconnected', 'connected'])
    expect(database.status().connected).toBe(true)
  }
}, 30_000)
