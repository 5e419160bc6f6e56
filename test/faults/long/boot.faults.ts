import { describe, expect, it } from 'bun:test'
import type { Client } from '../../support/client'
import { createCluster, startCluster } from '../support/cluster'
import { type Running, startProcess } from '../support/process'
import { createProxy } from '../support/proxy'
import { timed, until } from '../support/time'

/** What the service promises while there is no database. */
const expectAbsent = async (service: Running, alice: Client) => {
  expect(service.listensAfter).toBeLessThan(1000)
  const health = await timed(() => service.get('/health'))
  expect(health.result.status).toBe(503)
  expect(health.ms).toBeLessThan(1000)
  const list = await timed(() => alice.get('/api/tasks'))
  expect(list.result.status).toBe(503)
  expect(Number(list.result.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(list.ms).toBeLessThan(5000)
  expect((await service.get('/health/live')).status).toBe(200)
}

const expectServed = async (service: Running, alice: Client) => {
  const stored = async () => (await alice.post('/api/tasks', { title: 'Milk' })).status === 201
  expect(await until('a task is stored', stored)).toBeLessThan(2000)
  expect((await service.get('/health')).status).toBe(200)
  expect(service.unexpectedOutput).toEqual([])
}

describe('a database that is unavailable at boot', () => {
  it('is used as soon as it starts, if it refused connections before', async () => {
    const cluster = await createCluster()
    const service = await startProcess(cluster.url)
    const alice = await service.as('alice')
    await expectAbsent(service, alice)
    await cluster.start()
    await expectServed(service, alice)
  }, 30_000)

  it('causes a 503 if its host is unknown', async () => {
    const service = await startProcess('postgres://postgres@database.invalid/postgres')
    await expectAbsent(service, await service.as('alice'))
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('is used as soon as it answers, if it accepted connections silently before', async () => {
    const cluster = await startCluster()
    const proxy = await createProxy(cluster.port)
    proxy.silence()
    const service = await startProcess(proxy.url)
    const alice = await service.as('alice')
    await until('it has dialled', () => proxy.isUsed)
    await expectAbsent(service, alice)
    proxy.heal()
    await expectServed(service, alice)
  }, 30_000)
})
