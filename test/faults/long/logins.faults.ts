import { describe, expect, it } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import type { Client } from '../../support/client'
import { connectTo } from '../../support/databases'
import { createCluster, startCluster } from '../support/cluster'
import { startPgBouncer } from '../support/pgbouncer'
import { startProcess, startServing } from '../support/process'
import { repeatConcurrently } from '../support/repeat-concurrently'
import { terminateOthers } from '../support/statements'
import { until } from '../support/time'

/** A Postgres that asks one role for its password, and tells how often it rejected whom. */
const startGuarded = async () => {
  const cluster = await createCluster({ log_line_prefix: '%e ', log_connections: 'on' })
  const rules = join(cluster.data, 'pg_hba.conf')
  writeFileSync(rules, `host all guarded 127.0.0.1/32 scram-sha-256\n${readFileSync(rules, 'utf8')}`)
  await cluster.start()
  const admin = connectTo(cluster.url)
  await admin.unsafe(`
    CREATE ROLE guarded LOGIN PASSWORD 'right';
    GRANT CREATE ON SCHEMA public TO guarded`)
  return {
    cluster,
    admin,
    url: (password: string) => cluster.url.replace('postgres@', `guarded:${password}@`),
    setPassword: (password: string) => admin.unsafe(`ALTER ROLE guarded PASSWORD '${password}'`),
    rejections: () => cluster.log().match(/^(28P01|28000|3D000) FATAL/gm)?.length ?? 0,
  }
}

/** Has the pool of a service open all of its connections. */
const openAll = (admin: Sql, client: Client) =>
  until(
    'all connections are open',
    async () => {
      const reads = await Promise.all(Array.from({ length: 40 }, () => client.get('/api/tasks')))
      expect(reads.map(({ status }) => status)).toEqual(reads.map(() => 200))
      const found = await admin`SELECT FROM pg_stat_activity WHERE usename = 'guarded'`
      return found.length >= poolMax
    },
    40_000,
  )

const poolMax = 10

const seconds = 15
const most = 8

describe('a login that is rejected', () => {
  it('at boot is tried ever less often, until the password is right', async () => {
    const { url, setPassword, rejections } = await startGuarded()
    const service = await startProcess(url('other'))
    await Bun.sleep(seconds * 1000)
    expect(rejections()).toBeWithin(2, most + 1)
    expect((await service.get('/health')).status).toBe(503)
    await setPassword('other')
    await until('it serves', async () => (await service.get('/health')).status === 200, 30_000)
    expect(service.unexpectedOutput).toEqual([])
  }, 90_000)

  it('is tried ever less often if the database does not exist', async () => {
    const { cluster, admin, rejections } = await startGuarded()
    const service = await startProcess(cluster.urlOf('missing'))
    await Bun.sleep(seconds * 1000)
    expect(rejections()).toBeWithin(2, most + 1)
    await admin.unsafe('CREATE DATABASE missing')
    await until('it serves', async () => (await service.get('/health')).status === 200, 30_000)
    expect(service.unexpectedOutput).toEqual([])
  }, 90_000)

  it('is tried ever less often if it lacks the right to connect, or the database allows no connections', async () => {
    const { cluster, admin, url } = await startGuarded()
    await admin.unsafe('CREATE DATABASE closed ALLOW_CONNECTIONS false')
    await admin.unsafe('CREATE DATABASE forbidden')
    await admin.unsafe('REVOKE CONNECT ON DATABASE forbidden FROM PUBLIC')
    const guarded = url('right').replace(/postgres$/, 'forbidden')
    const services = [await startProcess(cluster.urlOf('closed')), await startProcess(guarded)]
    await Bun.sleep(seconds * 1000)
    for (const code of ['55000', '42501'])
      expect(cluster.log().match(new RegExp(`^${code} FATAL`, 'gm'))?.length).toBeWithin(2, most + 1)
    await admin.unsafe('ALTER DATABASE closed ALLOW_CONNECTIONS true')
    await admin.unsafe('GRANT CONNECT, CREATE ON DATABASE forbidden TO guarded')
    const forbidden = connectTo(cluster.urlOf('forbidden'))
    await forbidden.unsafe('GRANT CREATE ON SCHEMA public TO guarded')
    for (const service of services) {
      await until('it serves', async () => (await service.get('/health')).status === 200, 30_000)
      expect(service.unexpectedOutput).toEqual([])
    }
  }, 90_000)

  it('is tried ever less often if a pooler reports it', async () => {
    const { cluster } = await startGuarded()
    const bouncer = await startPgBouncer(cluster)
    const service = await startProcess(bouncer.url.replace(/[^/]*$/, 'missing'))
    await Bun.sleep(seconds * 1000)
    expect(bouncer.log().match(/database "missing" does not exist|no such database/gi)?.length).toBeWithin(
      2,
      2 * most,
    )
    expect((await service.get('/health')).status).toBe(503)
  }, 90_000)

  it('is tried ever less often when the password changes under load', async () => {
    const { admin, url, setPassword, rejections } = await startGuarded()
    const service = await startServing(url('right'))
    const alice = await service.as('alice')
    await openAll(admin, alice)
    const requests = Array.from({ length: 20 }, () => async () => {
      const { status } = await alice.get('/api/tasks')
      expect(status).toBeOneOf([200, 503])
      if (status === 503) await Bun.sleep(20)
    })
    const stop = repeatConcurrently([...requests, () => service.get('/health')])
    await setPassword('new')
    await terminateOthers(admin)
    await Bun.sleep(seconds * 1000)
    expect(rejections()).toBeWithin(2, most + 1)
    await setPassword('right')
    await until('it serves', async () => (await service.get('/health')).status === 200, 30_000)
    await stop()
    expect(service.unexpectedOutput).toEqual([])
  }, 90_000)

  it('when the password changes costs nothing as long as connections are open', async () => {
    const { admin, url, setPassword, rejections } = await startGuarded()
    const service = await startServing(url('right'))
    const alice = await service.as('alice')
    const readAtOnce = async (count: number) => {
      const reads = await Promise.all(Array.from({ length: count }, () => alice.get('/api/tasks')))
      expect(reads.map(({ status }) => status)).toEqual(reads.map(() => 200))
    }
    await readAtOnce(2)
    await setPassword('new')
    // Not the connections of the pool, but that for pings.
    await admin`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE usename = 'guarded' AND query NOT LIKE '%tasks%'`
    const end = performance.now() + seconds * 1000
    while (performance.now() < end) {
      await readAtOnce(20)
      expect((await service.get('/health')).status).toBe(200)
    }
    expect(rejections()).toBeWithin(1, most + 1)
    await setPassword('right')
    await openAll(admin, alice)
    expect(service.output()).not.toContain('disconnected')
  }, 90_000)

  it('has a counterpart in a table of another program, which is looked at ever less often', async () => {
    const cluster = await startCluster({ log_statement: 'all' })
    const admin = connectTo(cluster.url)
    await admin.unsafe('CREATE TABLE tasks (id serial PRIMARY KEY)')
    const service = await startProcess(cluster.url)
    await Bun.sleep(seconds * 1000)
    // Each attempt takes the lock of migrations once.
    expect(cluster.log().match(/pg_try_advisory_xact_lock/g)?.length).toBeWithin(2, most + 1)
    await admin.unsafe('DROP TABLE tasks')
    await until('it serves', async () => (await service.get('/health')).status === 200, 30_000)
  }, 90_000)
})
