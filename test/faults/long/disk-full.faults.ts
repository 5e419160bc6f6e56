import { Database } from 'bun:sqlite'
import { describe, expect, it } from 'bun:test'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '../../support/client'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { fill, grow, smallDisk } from '../support/disk'
import { titlesOf } from '../support/load'
import { type Running, startProcess, startServing } from '../support/process'
import { timed, until } from '../support/time'

const large = { title: 'x'.repeat(500), description: 'y'.repeat(10_000) }

/** Writes until the disk is full; returns how many writes were acknowledged. */
const writeUntilFull = async (alice: Client) => {
  for (let written = 0; written < 10_000; written++) {
    const { result, ms } = await timed(() => alice.post('/api/tasks', large))
    expect(ms).toBeLessThan(5000)
    if (result.status === 201) continue
    expect(result.status).toBeOneOf([503, 507])
    return written
  }
  throw new Error('the disk was never full')
}

const expectReadable = async (service: Running, alice: Client, count: number) => {
  expect((await alice.get('/api/tasks?limit=100')).body.data).toHaveLength(Math.min(count, 100))
  const { result, ms } = await timed(() => service.get('/health'))
  expect(result.status).toBe(200)
  expect(ms).toBeLessThan(1000)
}

const expectWritable = async (service: Running, alice: Client) => {
  const stored = async () => (await alice.post('/api/tasks', large)).status === 201
  expect(await until('a task is stored', stored)).toBeLessThan(2000)
  expect(service.unexpectedOutput).toEqual([])
}

describe('a full disk', () => {
  it('of Postgres costs writes an error until there is room again', async () => {
    const cluster = await startCluster()
    const disk = await smallDisk(20)
    const space = join(disk, 'space')
    await Bun.$`install -d -m 700 -o ${cluster.user.uid} -g ${cluster.user.gid} ${space}`
    const admin = connectTo(cluster.url)
    await admin.unsafe(`CREATE TABLESPACE small LOCATION '${space}'`)
    await admin.unsafe('CREATE DATABASE app TABLESPACE small')
    const service = await startServing(cluster.urlOf('app'))
    const alice = await service.as('alice')
    const filler = await fill(disk)
    await expectReadable(service, alice, await writeUntilFull(alice))
    rmSync(filler)
    await expectWritable(service, alice)
    // The mount cannot go while the server has files open there.
    await cluster.stop()
  }, 30_000)

  it('of SQLite costs writes a 503 while it is full, and harms no row', async () => {
    const disk = await smallDisk(2)
    const path = join(disk, 'todo.db')
    const service = await startServing(`sqlite:${path}`)
    const alice = await service.as('alice')
    const written = await writeUntilFull(alice)
    await expectReadable(service, alice, written)
    service.kill('SIGKILL')
    await service.exited()
    await grow(disk, 8)
    const again = await startServing(`sqlite:${path}`)
    const bob = await again.as('alice')
    await expectReadable(again, bob, written)
    await expectWritable(again, bob)
    again.kill('SIGTERM')
    await again.exited()
    const database = new Database(path)
    expect(database.query('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    database.close()
  }, 30_000)

  it('of SQLite lets no write fail that is kept, nor keeps one that failed, where many come at once', async () => {
    const disk = await smallDisk(2)
    const service = await startServing(`sqlite:${join(disk, 'todo.db')}`)
    const alice = await service.as('alice')
    const acknowledged = new Set<string>()
    for (let refused = 0, round = 0; refused < 20; round++) {
      const write = async (index: number) => {
        const title = `${round}.${index}`
        const { status } = await alice.post('/api/tasks', { ...large, title })
        expect(status).toBeOneOf([201, 503])
        if (status === 201) acknowledged.add(title)
        else refused++
      }
      await Promise.all(Array.from({ length: 10 }, (_, index) => write(index)))
    }
    expect(await titlesOf(alice)).toEqual(acknowledged)
    expect(service.unexpectedOutput).toEqual([])
    service.kill('SIGKILL')
    await service.exited()
  }, 30_000)
})

it('a SQLite file on a read-only volume is named in the log, and served once the volume can be written', async () => {
  const disk = await smallDisk(10)
  await Bun.$`mount -o remount,ro ${disk}`
  const path = join(disk, 'data', 'todo.db')
  const service = await startProcess(`sqlite:${path}`)
  expect(await service.printed(/^.*database disconnected.*$/m)).toMatch(new RegExp(`${path} .*EROFS`))
  expect((await service.get('/health')).status).toBe(503)
  await Bun.$`mount -o remount,rw ${disk}`
  await service.until('/health', 200)
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)
