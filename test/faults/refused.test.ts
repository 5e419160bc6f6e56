import { describe, expect, it } from 'bun:test'
import postgres from 'postgres'
import { cleanUp } from '../support/cleanup'
import { connectTo } from '../support/databases'
import { startCluster } from './support/cluster'
import { startProcess, startServing } from './support/process'
import { terminateOthers } from './support/statements'
import { until } from './support/time'

describe('a Postgres that refuses to work', () => {
  it('costs a 503 while it has too many clients', async () => {
    const cluster = await startCluster({ max_connections: '10', superuser_reserved_connections: '0' })
    const service = await startServing(cluster.url, { DATABASE_POOL_MAX: '4' })
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    await terminateOthers(admin)
    const hogs = postgres(cluster.url, { max: 9, prepare: false, onnotice: () => {} })
    cleanUp(() => hogs.end({ timeout: 1 }))
    await until('all connections are taken', async () => {
      const taken = await Promise.allSettled(
        Array.from({ length: 9 }, () => hogs.unsafe('SELECT pg_sleep(0.05)')),
      )
      return taken.every(({ status }) => status === 'fulfilled')
    })
    for (const answer of [
      await alice.get('/api/tasks'),
      await alice.post('/api/tasks', { title: 'Milk' }),
      await service.get('/health'),
    ]) {
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).not.toBeNull()
    }
    await hogs.end({ timeout: 0 })
    const stored = async () => (await alice.post('/api/tasks', { title: 'Milk' })).status === 201
    expect(await until('a task is stored', stored)).toBeLessThan(2000)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('costs nothing while it accepts no more connections, as long as one is open', async () => {
    const cluster = await startCluster({ log_line_prefix: '%e ' })
    const admin = connectTo(cluster.url)
    await admin.unsafe('CREATE ROLE limited LOGIN; GRANT CREATE ON SCHEMA public TO limited')
    const url = cluster.url.replace('postgres@', 'limited@')
    const service = await startServing(url, { DATABASE_POOL_MAX: '3' })
    const alice = await service.as('alice')
    const readAtOnce = async (count: number) => {
      const reads = await Promise.all(Array.from({ length: count }, () => alice.get('/api/tasks')))
      expect(reads.map(({ status }) => status)).toEqual(reads.map(() => 200))
    }
    await readAtOnce(12)
    // The last one used is the one that is used next.
    await readAtOnce(1)
    await admin.unsafe(`
      ALTER ROLE limited CONNECTION LIMIT 1;
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE usename = 'limited' AND query LIKE '%tasks%' ORDER BY query_start DESC LIMIT 1`)
    const refusals = () => cluster.log().match(/^53300 /gm)?.length ?? 0
    await until('a connection was refused', async () => {
      await readAtOnce(12)
      return refusals() > 0
    })
    expect((await alice.post('/api/tasks', { title: 'Milk' })).status).toBe(201)
    // It is tried again now and then, not for each request that finds the others at work.
    const before = refusals()
    for (let round = 0; round < 20; round++) await readAtOnce(6)
    expect(refusals()).toBeLessThan(before + 10)
    expect(service.unexpectedOutput).toEqual([])
  }, 30_000)

  it('costs its writes a 503 while it is read-only, and at boot', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url)
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    await alice.post('/api/tasks', { title: 'before' })
    await admin.unsafe('ALTER SYSTEM SET default_transaction_read_only = on')
    await admin`SELECT pg_reload_conf()`
    const write = async () => (await alice.post('/api/tasks', { title: 'Milk' })).status
    await until('writes are refused', async () => (await write()) === 503)
    expect((await alice.get('/api/tasks')).status).toBe(200)
    expect((await service.get('/health')).status).toBe(200)
    const second = await startProcess(cluster.url)
    expect((await (await second.as('alice')).post('/api/tasks', { title: 'Milk' })).status).toBe(503)
    await admin.unsafe('SET default_transaction_read_only = off')
    await admin.unsafe('ALTER SYSTEM RESET default_transaction_read_only')
    await admin`SELECT pg_reload_conf()`
    expect(await until('writes are served', async () => (await write()) === 201)).toBeLessThan(2000)
    await second.until('/health', 200)
    expect([...service.unexpectedOutput, ...second.unexpectedOutput]).toEqual([])
  }, 30_000)
})
