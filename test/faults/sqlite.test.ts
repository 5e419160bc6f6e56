import { Database } from 'bun:sqlite'
import { describe, expect, it } from 'bun:test'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanUp } from '../support/cleanup'
import { temporaryFolder } from '../support/databases'
import { longest, missing, startLoad } from './support/load'
import { startProcess, startServing } from './support/process'
import { timed, until } from './support/time'

const holder = `
  const database = new (require('bun:sqlite').Database)(process.argv[1])
  database.run(process.argv[2])
  console.log('held')
  setTimeout(() => {}, 60_000)`

/** Another process that takes a lock on a file and keeps it; returns the means to end it. */
const hold = async (path: string, lock: string) => {
  const child = Bun.spawn([process.execPath, '-e', holder, path, lock], { stdout: 'pipe' })
  const release = async () => {
    child.kill('SIGKILL')
    await child.exited
  }
  cleanUp(release)
  const { value } = await child.stdout.getReader().read()
  expect(new TextDecoder().decode(value)).toBe('held\n')
  return release
}

describe('SQLite', () => {
  it.each(['BEGIN IMMEDIATE', 'BEGIN EXCLUSIVE'])(
    'answers writes with 503 while another process holds %s, and goes on reading',
    async (lock) => {
      const path = join(temporaryFolder(), 'todo.db')
      const settings = { DATABASE_TIMEOUT_MS: '1000', METRICS: 'true' }
      const service = await startServing(`sqlite:${path}`, settings)
      const alice = await service.as('alice')
      await alice.post('/api/tasks', { title: 'before' })
      const release = await hold(path, lock)
      const writing = Promise.all(
        Array.from({ length: 5 }, () => timed(() => alice.post('/api/tasks', { title: 'late' }))),
      )
      await until('all of them wait', async () =>
        (await service.get('/metrics')).body.includes('database_statements_waiting 5\n'),
      )
      const reads = [await timed(() => service.get('/health')), await timed(() => alice.get('/api/tasks'))]
      for (const { result, ms } of reads) {
        expect(result.status).toBe(200)
        expect(ms).toBeLessThan(1000)
      }
      for (const { result, ms } of await writing) {
        expect(result.status).toBe(503)
        expect(ms).toBeLessThan(2000)
      }
      // One that boots now reads as well, since its schema is there; a write waits for its turn.
      const second = await startProcess(`sqlite:${path}`)
      await second.until('/health', 200)
      const patient = alice.post('/api/tasks', { title: 'patient' })
      await release()
      expect((await patient).status).toBe(201)
      expect([...service.unexpectedOutput, ...second.unexpectedOutput]).toEqual([])
    },
    30_000,
  )

  it('answers 503 while its path cannot be created, and serves once it can', async () => {
    const obstacle = join(temporaryFolder(), 'file')
    writeFileSync(obstacle, '')
    const service = await startProcess(`sqlite:${join(obstacle, 'folder', 'todo.db')}`)
    expect(service.listensAfter).toBeLessThan(1000)
    const alice = await service.as('alice')
    expect((await service.get('/health')).status).toBe(503)
    expect((await alice.get('/api/tasks')).status).toBe(503)
    rmSync(obstacle)
    const stored = async () => (await alice.post('/api/tasks', { title: 'Milk' })).status === 201
    expect(await until('a task is stored', stored)).toBeLessThan(2000)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('keeps every acknowledged write when it is killed amid writes, three times over', async () => {
    const path = join(temporaryFolder(), 'todo.db')
    for (let round = 0; round < 3; round++) {
      const service = await startServing(`sqlite:${path}`)
      const load = startLoad(await service.as('alice'), 8, `round ${round}`)
      await load.waitForSuccesses(200)
      service.kill('SIGKILL')
      await service.exited()
      const samples = await load.stop()
      expect(longest(samples)).toBeLessThan(5000)
      const again = await startServing(`sqlite:${path}`)
      expect(await missing(await again.as('alice'), samples)).toEqual([])
      again.kill('SIGKILL')
      await again.exited()
      const database = new Database(path)
      expect(database.query('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
      database.close()
    }
  }, 30_000)
})
