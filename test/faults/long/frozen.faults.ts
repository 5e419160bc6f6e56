import { expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { longest, startLoad, statusesOf } from '../support/load'
import { startServing } from '../support/process'
import { expectEverySlot } from '../support/statements'
import { until } from '../support/time'

it('a database frozen for longer than the deadline, three times over, costs 503s within 5 s', async () => {
  const cluster = await startCluster()
  const service = await startServing(cluster.url)
  const alice = await service.as('alice')
  const load = startLoad(alice, 20)
  for (let round = 0; round < 3; round++) {
    await load.waitForSuccesses(200)
    const before = load.samples.length
    cluster.freeze()
    const waited = () => load.samples.slice(before).some(({ ms }) => ms > 4000)
    await until('a request has waited for its whole deadline', waited)
    expect((await service.get('/health')).status).toBe(503)
    cluster.thaw()
    expect(await load.waitForSuccesses(200)).toBeLessThan(2000)
  }
  const samples = await load.stop()
  expect(statusesOf(samples)).toEqual([200, 201, 503])
  expect(longest(samples)).toBeLessThan(5000)
  await expectEverySlot(connectTo(cluster.url), alice, 10)
  expect(service.unexpectedOutput).toEqual([])
}, 60_000)
