import { expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { longest, missing, startLoad, statusesOf } from '../support/load'
import { startServing } from '../support/process'
import { expectEverySlot } from '../support/statements'

const poolMax = 10

it('Postgres killed under load, ten times over, costs 503s and nothing else', async () => {
  const cluster = await startCluster({ fsync: 'on' })
  const service = await startServing(cluster.url, { DATABASE_POOL_MAX: String(poolMax) })
  const alice = await service.as('alice')
  const load = startLoad(alice, 32)
  for (let round = 0; round < 10; round++) {
    await load.waitForSuccesses(200)
    await cluster.kill()
    // Down for no time, for a while, and for longer than a pause between two attempts.
    await Bun.sleep(300 * (round % 3))
    await cluster.start()
    expect(await load.waitForSuccesses()).toBeLessThan(2000)
  }
  const samples = await load.stop()
  expect(statusesOf(samples)).toEqual([200, 201, 503])
  expect(longest(samples)).toBeLessThan(5000)
  expect(await missing(alice, samples)).toEqual([])
  await expectEverySlot(connectTo(cluster.url), alice, poolMax)
  expect(service.unexpectedOutput).toEqual([])
}, 120_000)
