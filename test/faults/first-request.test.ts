import { describe, expect, it } from 'bun:test'
import { cleanUp } from '../support/cleanup'
import { startDistance } from '../support/distance'
import { freePort } from '../support/postgres'
import { startCluster } from './support/cluster'
import { startProcess } from './support/process'
import { createProxy } from './support/proxy'
import { timed } from './support/time'

const startAsSoonAsItListens = async (url: string, environment?: Record<string, string>) => {
  const service = await startProcess(url, environment)
  return { service, alice: await service.as('alice') }
}

const distant = async (port: number) => {
  const distance = await startDistance(port, 25)
  cleanUp(distance.close)
  return `postgres://postgres@127.0.0.1:${distance.port}/postgres`
}

const asleep = async (port: number) => {
  const proxy = await createProxy(port)
  proxy.holdNew(3000)
  return proxy.url
}

const near = async (port: number) => `postgres://postgres@127.0.0.1:${port}/postgres`

describe('a request as soon as the port is open', () => {
  it.each([
    ['runs', near],
    ['is 25 ms away', distant],
    ['sleeps for 3 s', asleep],
  ])(
    'waits for the attempt to connect if Postgres %s',
    async (_, urlOf) => {
      const cluster = await startCluster()
      const { service, alice } = await startAsSoonAsItListens(await urlOf(cluster.port))
      const [read, write, health] = await Promise.all([
        alice.get('/api/tasks'),
        alice.post('/api/tasks', { title: 'First' }),
        timed(() => service.get('/health')),
      ])
      expect([read.status, write.status]).toEqual([200, 201])
      expect(health.ms).toBeLessThan(1000)
      expect(service.output()).not.toContain('disconnected')
    },
    30_000,
  )

  it('gets a 503 at once if Postgres refuses connections', async () => {
    const { service, alice } = await startAsSoonAsItListens(await near(await freePort()))
    const { result, ms } = await timed(() => alice.get('/api/tasks'))
    expect(result.status).toBe(503)
    expect(ms).toBeLessThan(1000)
    expect((await service.get('/health')).status).toBe(503)
  }, 30_000)

  it('gets a 503 by its deadline if Postgres does not answer, and at once after that', async () => {
    const cluster = await startCluster()
    const proxy = await createProxy(cluster.port)
    proxy.silence()
    const { service, alice } = await startAsSoonAsItListens(proxy.url, { DATABASE_TIMEOUT_MS: '2000' })
    const statuses = (
      await Promise.all([alice.get('/api/tasks'), alice.post('/api/tasks', { title: 'x' })])
    ).map(({ status }) => status)
    expect(statuses).toEqual([503, 503])
    await service.printed('an answer of the database')
    const { result, ms } = await timed(() => alice.get('/api/tasks'))
    expect(result.status).toBe(503)
    expect(ms).toBeLessThan(1000)
    proxy.heal()
    await service.until('/health', 200)
    expect((await alice.get('/api/tasks')).body.data).toEqual([])
  }, 30_000)
})
