import { Database } from 'bun:sqlite'
import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { startCluster } from '../faults/support/cluster'
import { startProcess, startServing } from '../faults/support/process'
import { onTasks, slowDown, terminateOthers } from '../faults/support/statements'
import { until } from '../faults/support/time'
import { cleanUp } from '../support/cleanup'
import { connectTo, freshDatabase } from '../support/databases'
import { freePort } from '../support/postgres'
import { errorOf, expectErrors, expectWriteErrors } from './support/outage'
import { callRaw } from './support/raw'

setDefaultTimeout(60_000)

describe('a tool', () => {
  it('returns an error while the database is unavailable', async () => {
    const service = await startProcess(`postgres://nobody@127.0.0.1:${await freePort()}/none`)
    await expectErrors(await service.as('alice'))
    expect(service.unexpectedOutput).toEqual([])
  })

  it('that writes returns an error by the deadline while the SQLite file is locked', async () => {
    const url = await freshDatabase('SQLite')
    const service = await startServing(url, { DATABASE_TIMEOUT_MS: '500' })
    const alice = await service.as('alice')
    const locker = new Database(url.replace('sqlite:', ''))
    cleanUp(() => locker.close())
    locker.run('BEGIN IMMEDIATE')
    await expectWriteErrors(alice)
    locker.run('ROLLBACK')
    expect((await callRaw(alice, 'list_tasks', {})).body.result.structuredContent.tasks).toEqual([])
    expect(service.unexpectedOutput).toEqual([])
  })

  it('add_task is sent once when its connection breaks, and says that its outcome is unknown', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url)
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    await slowDown(admin, 30)
    const adding = callRaw(alice, 'add_task', { title: 'uncertain' })
    await until('it is under way', async () => (await onTasks(admin)) > 0)
    await terminateOthers(admin)
    const { body } = await adding
    expect(body.result.isError).toBe(true)
    expect(body.result.content[0].text).toMatch(/may or may not have been added\. Call list_tasks/)
    expect(await onTasks(admin)).toBe(0)
    expect(service.unexpectedOutput).toEqual([])
  })

  it('reveals nothing of an unexpected error', async () => {
    const url = await freshDatabase('SQLite')
    const service = await startServing(url)
    const alice = await service.as('alice')
    const file = new Database(url.replace('sqlite:', ''))
    file.run('ALTER TABLE tasks DROP COLUMN description')
    file.close()
    expect(await errorOf(alice, 'add_task', { title: 'a secret', description: 'y' })).toStartWith(
      'Something went wrong on our side. It has been logged. The outcome is unknown:',
    )
    await until('it is logged', () => service.unexpectedOutput.length > 0)
    expect(service.output()).not.toContain('a secret')
    expect(service.unexpectedOutput[0]).toMatch(
      /error unexpected error method=POST path=\/mcp status=200 request_id=.* tool=add_task reason=/,
    )
  })
})
