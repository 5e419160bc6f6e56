import { Database } from 'bun:sqlite'
import { expect, it } from 'bun:test'
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { freshDatabase, openConnected } from '../support/databases'
import { startCluster } from './support/cluster'
import { startServing } from './support/process'
import { createProxy } from './support/proxy'
import { until } from './support/time'

it('probes at the same moment share one ping', async () => {
  const cluster = await startCluster()
  const proxy = await createProxy(cluster.port)
  const service = await startServing(proxy.url, { METRICS: 'true' })
  const inFlight = async () => {
    const [, count] = /^http_requests_in_flight\S* (\d+)$/m.exec((await service.get('/metrics')).body) ?? []
    return Number(count)
  }
  proxy.pause()
  const count = 50
  const probes = Promise.all(Array.from({ length: count }, () => service.get('/health')))
  await until('all are asking', async () => (await inFlight()) > count, 700)
  // An answer to a ping has some 70 bytes: enough for a few, far from enough for one each.
  proxy.cutAfter(1000)
  proxy.resume()
  expect((await probes).map(({ status }) => status)).toEqual(Array(count).fill(200))
  expect(proxy.hasCut).toBe(false)
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)

it('an outage that only pings notice is reported once, and so is the recovery', async () => {
  const cluster = await startCluster()
  const states: string[] = []
  const database = await openConnected(cluster.url, {}, ({ state }) => states.push(state))
  const read = database.prepare(database.dialect.queryBuilder().select().from(database.models.tasks), null)
  const returns = {
    'a ping': () => until('it answers', database.ping, 2000),
    'a statement': () => read({}, database.deadline()),
  }
  for (const [name, meet] of Object.entries(returns)) {
    await meet()
    states.length = 0
    cluster.freeze()
    for (let probe = 0; probe < 2; probe++) expect(await database.ping()).toBe(false)
    expect(states).toEqual(['disconnected'])
    expect(database.status().connected).toBe(false)
    cluster.thaw()
    await meet()
    expect([name, ...states]).toEqual([name, 'disconnected', 'connected'])
    expect(database.status().connected).toBe(true)
  }
}, 30_000)

it('a SQLite file that cannot be read for a while is reported as unavailable once, and so is its recovery', async () => {
  const url = await freshDatabase('SQLite')
  const path = url.replace('sqlite:', '')
  const states: string[] = []
  const database = await openConnected(url, {}, ({ state }) => states.push(state))
  /** A change by somebody else, after which every reader looks at the file again. */
  const change = (table: string) => {
    const other = new Database(path)
    other.run(`CREATE TABLE ${table} (id INTEGER)`)
    other.run('PRAGMA wal_checkpoint(TRUNCATE)')
    other.close()
  }
  change('before')
  const file = openSync(path, 'r+')
  const firstPage = Buffer.alloc(4096)
  readSync(file, firstPage, 0, firstPage.length, 0)
  writeSync(file, Buffer.alloc(firstPage.length, 'x'), 0, firstPage.length, 0)
  await until('a ping is missed', async () => !(await database.ping()), 2000)
  await database.ping()
  expect(states).toEqual(['connected', 'disconnected'])
  writeSync(file, firstPage, 0, firstPage.length, 0)
  closeSync(file)
  change('after')
  await until('it answers', database.ping, 2000)
  expect(states).toEqual(['connected', 'disconnected', 'connected'])
})
