import { describe, expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { longest, startLoad, statusesOf } from '../support/load'
import { type Running, startServing } from '../support/process'
import { createProxy } from '../support/proxy'
import { expectEverySlot } from '../support/statements'
import { timed } from '../support/time'

const poolMax = 10
const timeout = 1500

/** What needs no database, for as long as a request may wait for one and half a second more. */
const expectUnaffected = async (service: Running) => {
  const start = performance.now()
  while (performance.now() - start < timeout + 500) {
    const health = await timed(() => service.get('/health'))
    expect(health.result.status).toBe(503)
    expect(health.ms).toBeLessThan(1000)
    const others = [
      await timed(() => service.get('/health/live')),
      await timed(() => service.get('/api/tasks')),
      await timed(() => service.get('/nowhere')),
      await timed(() => service.send('OPTIONS', '/api/tasks')),
    ]
    expect(others.map(({ result }) => result.status)).toEqual([200, 401, 404, 204])
    for (const { ms } of others) expect(ms).toBeLessThan(100)
  }
}

/** The three ways in which an answer stays away: the server, the network, and a forgetful network. */
const outages = ['frozen', 'packets held up', 'packets lost'] as const

describe.each(outages)('a database that is silent (%s)', (outage) => {
  it('costs each request a 503 by its deadline and nothing else, and serves soon after', async () => {
    const cluster = await startCluster()
    const proxy = await createProxy(cluster.port)
    const service = await startServing(proxy.url, { DATABASE_TIMEOUT_MS: String(timeout) })
    const alice = await service.as('alice')
    const { fail, restore } = {
      frozen: { fail: cluster.freeze, restore: cluster.thaw },
      'packets held up': { fail: proxy.pause, restore: proxy.resume },
      'packets lost': { fail: proxy.silence, restore: proxy.heal },
    }[outage]
    const load = startLoad(alice, 20)
    await load.waitForSuccesses(200)
    fail()
    await expectUnaffected(service)
    restore()
    expect(await load.waitForSuccesses(200)).toBeLessThan(2000)
    const samples = await load.stop()
    expect(statusesOf(samples)).toEqual([200, 201, 503])
    expect(longest(samples)).toBeLessThan(timeout + 1000)
    await expectEverySlot(connectTo(cluster.url), alice, poolMax)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)
})
