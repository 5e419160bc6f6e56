import { Database } from 'bun:sqlite'
import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { startCluster } from '../faults/support/cluster'
import { startProcess, startServing } from '../faults/support/process'
import { onTasks, slowDown, terminateOthers } from '../faults/support/statements'
import { timed, until } from '../faults/support/time'
import { cleanUp } from '../support/cleanup'
import type { Client } from '../support/client'
import { connectTo, freshDatabase } from '../support/databases'
import { freePort } from '../support/postgres'
import { callRaw } from './support/raw'

setDefaultTimeout(60_000)

const timeout = 1000

const reads: [string, object][] = [
  ['list_tasks', {}],
  ['get_task', { task_id: 1 }],
]
const writes: [string, object, string][] = [
  ['add_task', { title: 'uncertain' }, 'added'],
  ['complete_task', { task_id: 1 }, 'marked'],
  ['update_task', { task_id: 1, title: 'uncertain' }, 'updated'],
  ['delete_task', { task_id: 1 }, 'deleted'],
]

const reason = 'The database is not available at the moment.'

/** The text of the error that a tool returned, by its deadline. */
const errorOf = async (client: Client, name: string, given: object) => {
  const { result, ms } = await timed(() => callRaw(client, name, given))
  expect(ms).toBeLessThan(timeout + 1000)
  expect(result.status).toBe(200)
  expect(result.body.result.isError).toBe(true)
  expect(result.body.result.structuredContent).toBeUndefined()
  return result.body.result.content[0].text
}

const expectWriteErrors = async (client: Client) => {
  for (const [name, given, done] of writes)
    expect(await errorOf(client, name, given)).toBe(
      `${reason} The outcome is unknown: the task may or may not have been ${done}. Call list_tasks to see what is stored before you try again.`,
    )
}

const expectErrors = async (client: Client) => {
  for (const [name, given] of reads)
    expect(await errorOf(client, name, given)).toBe(`${reason} Please try again.`)
  await expectWriteErrors(client)
}

describe('a tool', () => {
  it('returns an error while the database is unavailable', async () => {
    const service = await startProcess(`postgres://nobody@127.0.0.1:${await freePort()}/none`)
    await expectErrors(await service.as('alice'))
    expect(service.complaints).toEqual([])
  })

  it('returns an error by the deadline while the database is frozen', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: String(timeout) })
    const alice = await service.as('alice')
    await callRaw(alice, 'add_task', { title: 'before' })
    cluster.freeze()
    await expectErrors(alice)
    cluster.thaw()
    await until('it serves', async () => !(await callRaw(alice, 'list_tasks', {})).body.result.isError)
    expect(service.complaints).toEqual([])
  })

  it('returns an error by the deadline while a Postgres table is locked', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: String(timeout) })
    const alice = await service.as('alice')
    const locker = connectTo(cluster.url)
    await locker.unsafe('BEGIN; LOCK TABLE tasks')
    await expectErrors(alice)
    await locker.unsafe('ROLLBACK')
    expect((await callRaw(alice, 'list_tasks', {})).body.result.structuredContent.tasks).toEqual([])
    expect(service.complaints).toEqual([])
  })

  it('that writes returns an error by the deadline while the SQLite file is locked', async () => {
    const url = await freshDatabase('SQLite')
    const service = await startServing(url, { DATABASE_TIMEOUT_MS: String(timeout) })
    const alice = await service.as('alice')
    const locker = new Database(url.replace('sqlite:', ''))
    cleanUp(() => locker.close())
    locker.run('BEGIN IMMEDIATE')
    await expectWriteErrors(alice)
    locker.run('ROLLBACK')
    expect((await callRaw(alice, 'list_tasks', {})).body.result.structuredContent.tasks).toEqual([])
    expect(service.complaints).toEqual([])
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
    expect(service.complaints).toEqual([])
  })

  it('that runs when the service is told to stop returns its result', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url)
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    await slowDown(admin, 3)
    const adding = callRaw(alice, 'add_task', { title: 'last' })
    await until('it is under way', async () => (await onTasks(admin)) > 0)
    service.kill('SIGTERM')
    const { body } = await adding
    expect(body.result.structuredContent).toMatchObject({ title: 'last' })
    expect(await service.exited()).toBe(0)
    expect(service.complaints).toEqual([])
  })

  it('that is still running when the time to stop is over returns an error', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: '60000' })
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    await slowDown(admin, 50)
    const adding = callRaw(alice, 'add_task', { title: 'too late' })
    await until('it is under way', async () => (await onTasks(admin)) > 0)
    service.kill('SIGTERM')
    const { body } = await adding
    expect(body.result.content[0].text).toMatch(/may or may not have been added/)
    expect(await service.exited()).toBe(0)
    expect(service.complaints).toEqual([])
  })

  it('tells nothing of an error that nobody foresaw', async () => {
    const url = await freshDatabase('SQLite')
    const service = await startServing(url)
    const alice = await service.as('alice')
    const file = new Database(url.replace('sqlite:', ''))
    file.run('ALTER TABLE tasks DROP COLUMN description')
    file.close()
    expect(await errorOf(alice, 'add_task', { title: 'a secret', description: 'y' })).toStartWith(
      'Something went wrong on our side. It has been logged. The outcome is unknown:',
    )
    await until('it is logged', () => service.complaints.length > 0)
    expect(service.output()).not.toContain('a secret')
    expect(service.complaints[0]).toMatch(
      /error unexpected error method=POST path=\/mcp tool=add_task request_id=/,
    )
  })
})
