import { expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { createRequests, poolMax, startOnFlows } from '../support/flow-service'
import { repeatConcurrently } from '../support/repeat-concurrently'
import { timed, until } from '../support/time'

it('connections that went silent while they were idle cost one request, not one each', async () => {
  const { flows, service, alice, readAtOnce, openAtLeast } = await startOnFlows(1000)
  await openAtLeast(poolMax)
  // A network that has forgotten its connections, and accepts new ones.
  const forgotten = flows.open()
  for (const flow of forgotten) flow.silence()
  // So long that they count as idle.
  await Bun.sleep(1200)
  expect((await alice.get('/api/tasks')).status).toBe(503)
  const ofPool = forgotten.filter(({ isOfPool }) => isOfPool)
  await until('they are given up', () => ofPool.every(({ isOpen }) => !isOpen), 4000)
  expect(new Set(await readAtOnce(40))).toEqual(new Set([200]))
  expect((await service.get('/health')).status).toBe(200)
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)

it('the connection for pings costs nothing when it goes silent and none can be opened in its place', async () => {
  const { cluster, flows, service, alice, openAtLeast } = await startOnFlows(1000)
  await openAtLeast(poolMax)
  const { ask, statuses } = createRequests(alice)
  const health: number[] = []
  const stop = repeatConcurrently([ask, ask, async () => health.push((await service.get('/health')).status)])
  flows.refuse()
  for (const flow of flows.open()) if (!flow.isOfPool) flow.silence()
  const locker = connectTo(cluster.url)
  await locker.unsafe('BEGIN; LOCK TABLE conversations')
  // A statement that is late has the service ask whether the database still answers.
  for (let round = 0; round < 3; round++) expect((await alice.get('/api/conversations')).status).toBe(503)
  await locker.unsafe('ROLLBACK')
  await stop()
  expect(new Set(statuses)).toEqual(new Set([200, 201]))
  expect(new Set(health)).toEqual(new Set([200]))
  expect(service.output()).not.toContain('disconnected')
}, 30_000)

it('connections that are all silent cost a 503 at once, soon after, and nothing once the network is back', async () => {
  const { flows, service, alice, openAtLeast } = await startOnFlows(1000)
  await openAtLeast(poolMax)
  for (const flow of flows.open()) flow.silence()
  flows.refuse()
  expect((await alice.get('/api/tasks')).status).toBe(503)
  const atOnce = async () => {
    const { result, ms } = await timed(() => alice.post('/api/tasks', { title: 'late' }))
    expect(result.status).toBe(503)
    return ms < 200
  }
  await until('requests do not wait for it any more', atOnce, 4000)
  await flows.accept()
  const stored = async () => (await alice.post('/api/tasks', { title: 'x' })).status === 201
  expect(await until('a task is stored', stored)).toBeLessThan(2000)
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)
