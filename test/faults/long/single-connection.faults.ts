import { describe, expect, it } from 'bun:test'
import { createRequests, poolMax, startOnFlows } from '../support/flow-service'
import type { Running } from '../support/process'
import { repeatConcurrently } from '../support/repeat-concurrently'
import { until } from '../support/time'

const timeout = 700

/** The database was never reported as unavailable. */
const expectUnreported = (service: Running) => {
  expect(service.output()).not.toContain('disconnected')
  expect(service.unexpectedOutput).toEqual([])
}

describe('one connection of many', () => {
  it('that cannot be opened costs nothing while others serve', async () => {
    const { flows, service, alice, openAtLeast } = await startOnFlows(timeout)
    await openAtLeast(2)
    flows.refuse()
    const { ask, statuses } = createRequests(alice)
    const stop = repeatConcurrently([ask, ask])
    // Long enough for several attempts.
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 40 }, ask))
      expect((await service.get('/health')).status).toBe(200)
      await Bun.sleep(200)
    }
    await stop()
    expect(new Set(statuses)).toEqual(new Set([200, 201]))
    await flows.accept()
    await openAtLeast(poolMax)
    expectUnreported(service)
  }, 30_000)

  it('that goes silent costs the requests that it carried, and those only', async () => {
    const { service, alice, ofPool, openAtLeast } = await startOnFlows(timeout)
    await openAtLeast(poolMax)
    const { ask, statuses } = createRequests(alice)
    const health: number[] = []
    const stop = repeatConcurrently([
      ...Array.from({ length: 20 }, () => ask),
      async () => health.push((await service.get('/health')).status),
    ])
    await until('the load is on', () => statuses.length > 200)
    const [victim] = ofPool()
    victim?.silence()
    await until('it is given up', () => !victim?.isOpen)
    const before = statuses.length
    await until('the load goes on', () => statuses.length > before + 500)
    const slowest = await stop()
    // As many statements as may be in flight on one connection.
    const failed = statuses.filter((status) => status === 503).length
    expect(failed).toBeGreaterThan(0)
    expect(failed).toBeLessThanOrEqual(4)
    expect(slowest).toBeLessThan(timeout + 500)
    expect(new Set(health)).toEqual(new Set([200]))
    expectUnreported(service)
  }, 30_000)

  it('that goes silent costs nothing if it is the one for pings', async () => {
    const { flows, service, alice, openAtLeast } = await startOnFlows(timeout)
    await openAtLeast(2)
    const { ask, statuses } = createRequests(alice)
    const health: number[] = []
    const stop = repeatConcurrently([ask, async () => health.push((await service.get('/health')).status)])
    const [victim] = flows.open().filter(({ isOfPool }) => !isOfPool)
    victim?.silence()
    await until('it is replaced', () => !victim?.isOpen)
    const before = health.length
    await until('the probes go on', () => health.length > before + 10)
    await stop()
    expect(new Set(statuses)).toEqual(new Set([200, 201]))
    expect(new Set(health)).toEqual(new Set([200]))
    expectUnreported(service)
  }, 30_000)
})
