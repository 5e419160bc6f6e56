import { Database } from 'bun:sqlite'
import { describe, expect, it } from 'bun:test'
import { copyFileSync, cpSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '../support/databases'
import { startServing } from './support/process'
import { until } from './support/time'

const filesOf = (path: string) => [path, `${path}-wal`, `${path}-shm`]

const remove = (path: string) => {
  for (const file of filesOf(path)) rmSync(file, { force: true })
}

/** What becomes of the file while the service runs, and the titles that it serves from then on. */
const changes = {
  'is deleted': { change: remove, titles: [] },
  'is deleted with its folder': {
    change: (path: string) => rmSync(dirname(path), { recursive: true }),
    titles: [],
  },
  'is moved away': { change: (path: string) => renameSync(path, `${path}.old`), titles: [] },
  'is replaced by a backup': {
    change: (path: string, backup: string) => {
      remove(path)
      copyFileSync(backup, path)
    },
    titles: ['of the backup'],
  },
  'is replaced in one step': {
    change: (path: string, backup: string) => {
      for (const file of filesOf(path).slice(1)) rmSync(file, { force: true })
      cpSync(backup, `${path}.new`)
      renameSync(`${path}.new`, path)
    },
    titles: ['of the backup'],
  },
  'is replaced, but not the log of its writes': {
    change: (path: string, backup: string) => {
      cpSync(backup, `${path}.new`)
      renameSync(`${path}.new`, path)
    },
    titles: ['of the backup'],
  },
}

const titlesIn = (path: string) => {
  const database = new Database(path)
  const tasks = database.query<{ title: string }, []>('SELECT title FROM tasks').all()
  database.close()
  return tasks.map(({ title }) => title)
}

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
  it.each(Object.entries(changes))(
    '%s is missed by a probe, and the one at its path serves',
    async (_, given) => {
      const backup = await createBackup()
      const path = join(temporaryFolder(), 'data', 'todo.db')
      const service = await startServing(`sqlite:${path}`)
      const alice = await service.as('alice')
      expect((await alice.post('/api/tasks', { title: 'lost' })).status).toBe(201)
      given.change(path, backup)
      await until('a probe notices', async () => (await service.get('/health')).status === 503, 100)
      await until('it serves again', async () => (await service.get('/health')).status === 200, 2000)
      expect(service.output()).toMatch(/ warn +database disconnected .*deleted or replaced/)
      expect(existsSync(path)).toBe(true)
      if (existsSync(`${path}.old`)) expect(titlesIn(`${path}.old`)).toEqual(['lost'])
      const titles = async () =>
        (await alice.get('/api/tasks')).body.data.map(({ title }: { title: string }) => title)
      expect(await titles()).toEqual(given.titles)
      expect((await alice.post('/api/tasks', { title: 'new' })).status).toBe(201)
      expect(await titles()).toEqual(['new', ...given.titles])
      expect(service.unexpectedOutput).toEqual([])
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
    expect(service.output().match(/deleted or replaced/g)).toHaveLength(1)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)
})
