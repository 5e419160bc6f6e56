import { expect, it } from 'bun:test'
import { tokenOf } from '../../support/tokens'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { timed } from '../support/time'

const longestDeadline = { DATABASE_TIMEOUT_MS: '60000' }

it('a request that waits for a frozen Postgres as long as may be configured gets a 503', async () => {
  const cluster = await startCluster()
  const service = await startServing(cluster.url, longestDeadline)
  cluster.freeze()
  // The client of the tests waits for 20 s only.
  const response = await fetch(`${service.url}/api/tasks`, {
    headers: { authorization: `Bearer ${await tokenOf('alice')}` },
    signal: AbortSignal.timeout(70_000),
  })
  expect(response.status).toBe(503)
}, 100_000)

it('SIGTERM answers what still runs with a 503, however long it might wait for the database', async () => {
  const cluster = await startCluster()
  const service = await startServing(cluster.url, longestDeadline)
  const alice = await service.as('alice')
  cluster.freeze()
  const waiting = [alice.get('/api/tasks'), alice.post('/api/tasks', { title: 'late' })]
  // Both are on their way once another request has been answered behind them.
  expect((await service.get('/health/live')).status).toBe(200)
  service.kill('SIGTERM')
  const { result: code, ms } = await timed(service.exited)
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([503, 503])
  expect(code).toBe(0)
  expect(ms).toBeLessThan(12_000)
}, 60_000)
