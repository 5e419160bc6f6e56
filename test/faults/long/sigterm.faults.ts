import { describe, expect, it } from 'bun:test'
import { startCluster } from '../support/cluster'
import { longest, missing, startLoad, statusesOf } from '../support/load'
import { startServing } from '../support/process'
import { timed } from '../support/time'

describe('SIGTERM', () => {
  it('under load loses nothing that was acknowledged', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url)
    const load = startLoad(await service.as('alice'), 32)
    await load.waitForSuccesses(500)
    service.kill('SIGTERM')
    const { result: code, ms } = await timed(service.exited)
    expect(code).toBe(0)
    expect(ms).toBeLessThan(10_000)
    const samples = await load.stop()
    // 0: nobody listens any more.
    expect(statusesOf(samples)).toEqual([0, 200, 201])
    const replacement = await startServing(cluster.url)
    expect(await missing(await replacement.as('alice'), samples)).toEqual([])
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('with the database frozen ends in time, and without a 500', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url)
    const load = startLoad(await service.as('alice'), 32)
    await load.waitForSuccesses(500)
    cluster.freeze()
    service.kill('SIGTERM')
    const { result: code, ms } = await timed(service.exited)
    expect(code).toBe(0)
    expect(ms).toBeLessThan(10_000)
    const samples = await load.stop()
    expect(statusesOf(samples).filter((status) => ![0, 200, 201, 503].includes(status))).toEqual([])
    expect(longest(samples)).toBeLessThan(5000)
    cluster.thaw()
    const replacement = await startServing(cluster.url)
    expect(await missing(await replacement.as('alice'), samples)).toEqual([])
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)
})
