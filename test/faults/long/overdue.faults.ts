import { describe, expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { onTasks, slowDown } from '../support/statements'
import { timed, until } from '../support/time'

describe('SIGTERM', () => {
  it('does not wait for a request that would take longer than it may', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: '20000' })
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    await slowDown(admin, 19)
    const writing = alice.post('/api/tasks', { title: 'late' }).catch(() => undefined)
    await until('it is being written', async () => (await onTasks(admin)) === 1)
    service.kill('SIGTERM')
    const { result: code, ms } = await timed(service.exited)
    expect(code).toBe(0)
    expect(ms).toBeLessThan(10_000)
    await writing
    expect(service.complaints).toEqual([])
  }, 40_000)
})
