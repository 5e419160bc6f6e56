import { describe, expect, it } from 'bun:test'
import { join } from 'node:path'
import { connectTo, temporaryFolder } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { onTasks, slowDown } from '../support/statements'
import { until } from '../support/time'

describe('SIGTERM', () => {
  it('lets a running request finish, even if it takes longer than the grace period', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url)
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    await slowDown(admin, 2.5)
    const writing = alice.post('/api/tasks', { title: 'last' })
    await until('it is being written', async () => (await onTasks(admin)) === 1)
    service.kill('SIGTERM')
    expect((await writing).status).toBe(201)
    expect(await service.exited()).toBe(0)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('sends Connection: close, while it still serves', async () => {
    const service = await startServing(`sqlite:${join(temporaryFolder(), 'todo.db')}`)
    const alice = await service.as('alice')
    service.kill('SIGTERM')
    await until('it is not ready', async () => (await service.get('/health')).status === 503, 900)
    const health = await service.get('/health')
    expect(health.body).toEqual({ status: 'unhealthy', database: 'connected' })
    expect(health.headers.get('connection')).toBe('close')
    expect((await alice.post('/api/tasks', { title: 'last' })).status).toBe(201)
    expect(await service.exited()).toBe(0)
  }, 30_000)
})
