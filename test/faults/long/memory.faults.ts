import { Database } from 'bun:sqlite'
import { expect, it } from 'bun:test'
import { connect } from 'node:net'
import { cleanUp } from '../../support/cleanup'
import { connectTo, dialects, freshDatabase } from '../../support/databases'
import { tokenOf } from '../../support/tokens'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { timed, until } from '../support/time'

it('statements that fail cost no memory', async () => {
  const cluster = await startCluster()
  const service = await startServing(cluster.url)
  const alice = await service.as('alice')
  const admin = connectTo(cluster.url)
  await admin.unsafe('ALTER SYSTEM SET default_transaction_read_only = on')
  await admin`SELECT pg_reload_conf()`
  const write = () => alice.post('/api/tasks', { title: 'refused' })
  await until('writes are refused', async () => (await write()).status === 503)
  const fail = async (count: number) => {
    const work = async () => {
      for (let done = 0; done < count / 16; done++) expect((await write()).status).toBe(503)
    }
    await Promise.all(Array.from({ length: 16 }, work))
  }
  // What is loaded and compiled at first is no leak.
  await fail(10_000)
  const before = service.memory
  await fail(50_000)
  expect(service.memory).toBeLessThan(before + 12)
}, 120_000)

it.each(dialects)(
  'pages that their readers leave unread fill no memory on %s, and keep nobody else waiting',
  async (dialect) => {
    const service = await startServing(await freshDatabase(dialect))
    const alice = await service.as('alice')
    const { body: conversation } = await alice.post('/api/conversations')
    const path = `/api/conversations/${conversation.id}/messages`
    const content = '😀'.repeat(100_000)
    for (let count = 0; count < 30; count++) await alice.post(path, { role: 'user', content })
    const before = service.memory
    const token = await tokenOf('alice')
    for (let count = 0; count < 300; count++) {
      const socket = connect(service.port, '127.0.0.1')
      cleanUp(() => socket.destroy())
      socket.pause()
      socket.write(
        `GET ${path}?limit=100 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`,
      )
    }
    let slowest = 0
    for (let probe = 0; probe < 40; probe++)
      slowest = Math.max(slowest, (await timed(() => service.get('/health/live'))).ms)
    // One more page is answered, so the others have been.
    expect((await alice.get(`${path}?limit=100`)).status).toBe(200)
    expect(service.memory - before).toBeLessThan(300)
    expect(slowest).toBeLessThan(500)
  },
  60_000,
)

it.each(dialects)(
  'what bodies hold besides the fields of a task fills no memory on %s, and keeps nobody else waiting',
  async (dialect) => {
    const service = await startServing(await freshDatabase(dialect))
    const alice = await service.as('alice')
    const ignored = `[${Array(340_000).fill('{}').join()}]`
    const body = `{"title":"x","ignored":${ignored}}`
    await alice.post('/api/tasks', { title: 'first' })
    const before = service.memory
    let slowest = 0
    let highest = 0
    const adding = Promise.all(Array.from({ length: 80 }, () => alice.post('/api/tasks', body)))
    const isOver = adding.then(() => true)
    while (!(await Promise.race([isOver, Bun.sleep(10)]))) {
      slowest = Math.max(slowest, (await timed(() => service.get('/health/live'))).ms)
      highest = Math.max(highest, service.memory)
    }
    for (const { status } of await adding) expect(status).toBe(201)
    expect(highest - before).toBeLessThan(1000)
    expect(slowest).toBeLessThan(700)
  },
  60_000,
)

it('what bodies hold besides the fields of a task fills no memory while they wait for a lock', async () => {
  const url = await freshDatabase('SQLite')
  const service = await startServing(url, { DATABASE_TIMEOUT_MS: '20000', METRICS: 'true' })
  const alice = await service.as('alice')
  await alice.post('/api/tasks', { title: 'first' })
  const locker = new Database(url.replace('sqlite:', ''))
  cleanUp(() => locker.close())
  locker.run('BEGIN IMMEDIATE')
  const before = service.memory
  const body = `{"title":"x","ignored":[${Array(340_000).fill('{}').join()}]}`
  const count = 150
  const adding = Promise.all(Array.from({ length: count }, () => alice.post('/api/tasks', body)))
  await until(
    'all of them wait',
    async () => (await service.get('/metrics')).body.includes(`database_statements_waiting ${count}\n`),
    20_000,
  )
  expect(service.memory - before).toBeLessThan(1000)
  locker.run('ROLLBACK')
  for (const { status } of await adding) expect(status).toBe(201)
}, 60_000)
