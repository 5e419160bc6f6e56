import { Database } from 'bun:sqlite'
import { describe, expect, it } from 'bun:test'
import { copyFileSync, cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Client } from '../../support/client'
import { temporaryFolder } from '../../support/databases'
import { startServing } from '../support/process'
import { repeatConcurrently } from '../support/repeat-concurrently'
import { until } from '../support/time'

const filesOf = (path: string) => [path, `${path}-wal`, `${path}-shm`]

const remove = (path: string) => {
  for (const file of filesOf(path)) rmSync(file, { force: true })
}

/** How the file is removed while the service runs. */
const removals = {
  'is deleted': remove,
  'is deleted, but not the log of its writes': (path: string) => rmSync(path),
  'is deleted with its folder': (path: string) => rmSync(dirname(path), { recursive: true }),
  'is moved': (path: string) => renameSync(path, `${path}.old`),
}

/** How it is replaced by another one. */
const replacements = {
  'is replaced by a backup': (path: string, backup: string) => {
    const copy = `${path}.new`
    copyFileSync(backup, copy)
    remove(path)
    renameSync(copy, path)
  },
  'is replaced in one step': (path: string, backup: string) => {
    for (const file of filesOf(path).slice(1)) rmSync(file, { force: true })
    cpSync(backup, `${path}.new`)
    renameSync(`${path}.new`, path)
  },
  'is replaced, but not the log of its writes': (path: string, backup: string) => {
    cpSync(backup, `${path}.new`)
    renameSync(`${path}.new`, path)
  },
}

const titlesIn = (path: string) => {
  const database = new Database(path)
  const tasks = database.query<{ title: string }, []>('SELECT title FROM tasks').all()
  database.close()
  return tasks.map(({ title }) => title)
}

const titlesOf = async (client: Client) =>
  (await client.get('/api/tasks')).body.data.map(({ title }: { title: string }) => title)

/** A file with one task, which no process has open. */
const createBackup = async () => {
  const path = join(temporaryFolder(), 'backup.db')
  const service = await startServing(`sqlite:${path}`)
  await (await service.as('alice')).post('/api/tasks', { title: 'of the backup' })
  service.kill('SIGINT')
  await service.exited()
  return path
}

describe('a SQLite file that', () => {
  it.each(Object.entries(removals))(
    '%s is missed by a probe, and created again',
    async (_, change) => {
      const path = join(temporaryFolder(), 'data', 'todo.db')
      const service = await startServing(`sqlite:${path}`)
      const alice = await service.as('alice')
      expect((await alice.post('/api/tasks', { title: 'lost' })).status).toBe(201)
      change(path)
      await until('a probe notices', async () => (await service.get('/health')).status === 503, 100)
      await until('it serves again', async () => (await service.get('/health')).status === 200, 2000)
      expect(service.output()).toMatch(/ warn +database disconnected .*todo\.db was deleted/)
      expect(existsSync(path)).toBe(true)
      if (existsSync(`${path}.old`)) expect(titlesIn(`${path}.old`)).toEqual(['lost'])
      expect(await titlesOf(alice)).toEqual([])
      expect((await alice.post('/api/tasks', { title: 'new' })).status).toBe(201)
      expect(await titlesOf(alice)).toEqual(['new'])
      expect(service.unexpectedOutput).toEqual([])
    },
    30_000,
  )

  it.each(Object.entries(replacements))(
    '%s is missed by a probe, and the new one is neither read nor written until the next start',
    async (_, change) => {
      const backup = await createBackup()
      const content = readFileSync(backup)
      const path = join(temporaryFolder(), 'data', 'todo.db')
      const service = await startServing(`sqlite:${path}`)
      const alice = await service.as('alice')
      expect((await alice.post('/api/tasks', { title: 'old' })).status).toBe(201)
      // Writes of the very turn in which a probe notices it change nothing.
      const stop = repeatConcurrently(Array(4).fill(() => alice.post('/api/tasks', { title: 'old' })))
      change(path, backup)
      await until('a probe notices', async () => (await service.get('/health')).status === 503, 1000)
      await stop()
      // Longer than the pause after which a file is opened again.
      await Bun.sleep(500)
      expect((await service.get('/health')).status).toBe(503)
      expect((await alice.get('/api/tasks')).status).toBe(503)
      expect((await alice.post('/api/tasks', { title: 'lost' })).status).toBe(503)
      service.kill('SIGTERM')
      expect(await service.exited()).toBe(0)
      expect(service.output().match(/was replaced: .*start it again/g)).toHaveLength(1)
      expect(service.unexpectedOutput).toEqual([])
      expect(readFileSync(path).equals(content)).toBe(true)
      for (const file of filesOf(path).slice(1)) rmSync(file, { force: true })
      const next = await startServing(`sqlite:${path}`)
      expect(await titlesOf(await next.as('alice'))).toEqual(['of the backup'])
    },
    30_000,
  )

  it('cannot exist at its path any more accepts no writes, until it can be created again', async () => {
    const folder = join(temporaryFolder(), 'data')
    const service = await startServing(`sqlite:${join(folder, 'todo.db')}`)
    const alice = await service.as('alice')
    expect((await alice.post('/api/tasks', { title: 'lost' })).status).toBe(201)
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'not a folder')
    await until('a probe notices', async () => (await service.get('/health')).status === 503, 100)
    for (let round = 0; round < 3; round++) {
      expect((await service.get('/health')).status).toBe(503)
      expect((await alice.post('/api/tasks', { title: 'lost' })).status).toBe(503)
    }
    rmSync(folder)
    await until('it serves again', async () => (await service.get('/health')).status === 200, 2000)
    expect((await alice.get('/api/tasks')).body.data).toEqual([])
    expect(service.output().match(/was deleted/g)).toHaveLength(1)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)
})
