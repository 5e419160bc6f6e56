import { describe, expect, it } from 'bun:test'
import { startCluster } from '../../faults/support/cluster'
import { startServing } from '../../faults/support/process'
import { onTasks, slowDown, untilStatementsEnd } from '../../faults/support/statements'
import { until } from '../../faults/support/time'
import { connectTo } from '../../support/databases'
import { expectErrors } from '../support/outage'
import { callRaw } from '../support/raw'

const start = async (timeoutMs: number) => {
  const cluster = await startCluster()
  const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: String(timeoutMs), METRICS: 'true' })
  return { cluster, service, alice: await service.as('alice') }
}

describe('a tool', () => {
  it('returns an error by the deadline while the database is frozen', async () => {
    const { cluster, service, alice } = await start(1000)
    await callRaw(alice, 'add_task', { title: 'before' })
    cluster.freeze()
    await expectErrors(alice)
    cluster.thaw()
    await until('it serves', async () => !(await callRaw(alice, 'list_tasks', {})).body.result.isError)
    expect(service.unexpectedOutput).toEqual([])
  })

  it('returns an error by the deadline while a Postgres table is locked', async () => {
    const { cluster, service, alice } = await start(1000)
    const [locker, admin] = [connectTo(cluster.url), connectTo(cluster.url)]
    await locker.unsafe('BEGIN; LOCK TABLE tasks')
    await expectErrors(alice)
    // A statement that gets the lock before it is cancelled is executed.
    await untilStatementsEnd(admin, service)
    await locker.unsafe('ROLLBACK')
    expect((await callRaw(alice, 'list_tasks', {})).body.result.structuredContent.tasks).toEqual([])
    expect(service.unexpectedOutput).toEqual([])
  })

  it('that runs when the service is told to stop returns its result', async () => {
    const { cluster, service, alice } = await start(5000)
    const admin = connectTo(cluster.url)
    await slowDown(admin, 3)
    const adding = callRaw(alice, 'add_task', { title: 'last' })
    await until('it is under way', async () => (await onTasks(admin)) > 0)
    service.kill('SIGTERM')
    const { body } = await adding
    expect(body.result.structuredContent).toMatchObject({ title: 'last' })
    expect(await service.exited()).toBe(0)
    expect(service.unexpectedOutput).toEqual([])
  })

  it('that is still running when the time to stop is over returns an error', async () => {
    const { cluster, service, alice } = await start(60_000)
    const admin = connectTo(cluster.url)
    await slowDown(admin, 50)
    const adding = callRaw(alice, 'add_task', { title: 'too late' })
    await until('it is under way', async () => (await onTasks(admin)) > 0)
    service.kill('SIGTERM')
    const { body } = await adding
    expect(body.result.content[0].text).toMatch(/may or may not have been added/)
    expect(await service.exited()).toBe(0)
    expect(service.unexpectedOutput).toEqual([])
  })
})
