import { expect, it } from 'bun:test'
import { connectTo } from '../support/databases'
import { startCluster } from './support/cluster'
import { startServing } from './support/process'
import { slowDown } from './support/statements'
import { timed } from './support/time'

it('more requests than the pool can serve get a 503 by their deadline, and the rest stays fast', async () => {
  const cluster = await startCluster()
  const service = await startServing(cluster.url, { DATABASE_POOL_MAX: '2', DATABASE_TIMEOUT_MS: '1500' })
  const alice = await service.as('alice')
  const admin = connectTo(cluster.url)
  await slowDown(admin, 0.1)
  // The queue holds 100 statements for each connection: some are refused at once.
  const total = 240
  const flood = Promise.all(
    Array.from({ length: total }, () => timed(() => alice.post('/api/tasks', { title: 'flood' }))),
  )
  const start = performance.now()
  while (performance.now() - start < 1200) {
    for (const path of ['/health/live', '/api/me']) {
      const { result, ms } = await timed(() => alice.get(path))
      expect(result.status).toBe(200)
      expect(ms).toBeLessThan(1000)
    }
    expect((await service.get('/health')).status).toBe(200)
  }
  const answers = await flood
  const having = (status: number) => answers.filter(({ result }) => result.status === status)
  expect(having(201).length + having(503).length).toBe(total)
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(2500)
  expect(Math.min(...having(503).map(({ ms }) => ms))).toBeLessThan(1000)
  const stored = await admin`SELECT id FROM tasks`
  // What was answered with 201 is stored; a 503 leaves it open.
  const ids = new Set(stored.map(({ id }) => Number(id)))
  for (const { result } of having(201)) expect(ids).toContain(result.body.id)
  expect(stored.length).toBeGreaterThanOrEqual(having(201).length)
  expect(stored.length).toBeLessThanOrEqual(total)
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)
