import { Database } from 'bun:sqlite'
import { describe, expect, it } from 'bun:test'
import type { Client } from '../../support/client'
import { connectTo, dialects, freshDatabase, tamper } from '../../support/databases'
import { type Running, startServing } from '../support/process'
import { repeatConcurrently } from '../support/repeat-concurrently'
import { until } from '../support/time'

const tablesIn = async (url: string): Promise<string[]> => {
  if (url.startsWith('sqlite:')) {
    const database = new Database(url.replace('sqlite:', ''))
    const found = database.query<{ name: string }, []>(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    const names = found.all().map(({ name }) => name)
    database.close()
    return names
  }
  const found = await connectTo(url)`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
  return found.map(({ tablename }) => tablename)
}

/** Every request that needs the table of tasks. */
const expectRefused = async (alice: Client, id: number) => {
  const answers = await Promise.all([
    alice.get('/api/tasks'),
    alice.get('/api/tasks?completed=true&limit=100'),
    alice.post('/api/tasks', { title: 'lost' }),
    alice.get(`/api/tasks/${id}`),
    alice.patch(`/api/tasks/${id}`, { title: 'lost' }),
    alice.delete(`/api/tasks/${id}`),
  ])
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 500))
}

const asAdmin = (url: string) => {
  const server = new URL(url)
  const name = server.pathname.slice(1)
  server.pathname = 'postgres'
  return { admin: connectTo(server.href), name }
}

/** Blocks all connections to a database until the service reports 503, then allows them again. */
const interrupt = async (url: string, status: () => Promise<number>) => {
  const { admin, name } = asAdmin(url)
  await admin.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
  await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`
  await until('it does not serve', async () => (await status()) === 503)
  await admin.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
  await until('it serves', async () => (await status()) === 200)
}

/** What the log says is that of requests for tasks, as of something unexpected. */
const expectLogged = ({ unexpectedOutput }: Running) => {
  const entries = unexpectedOutput.filter((line) => !/^ +at /.test(line))
  expect(entries.length).toBeGreaterThan(0)
  for (const line of entries)
    expect(line).toMatch(/^\S+ error unexpected error .*path=\/api\/tasks.* status=500 .*tasks/)
}

describe.each(dialects)('a table that is dropped under a running service on %s', (dialect) => {
  it('costs its own requests a 500, the others nothing, and returns with the next process', async () => {
    const url = await freshDatabase(dialect)
    const service = await startServing(url)
    const [alice, bob] = await Promise.all([service.as('alice'), service.as('bob')])
    const { body: task } = await alice.post('/api/tasks', { title: 'lost' })
    const { body: conversation } = await bob.post('/api/conversations')
    const messages = `/api/conversations/${conversation.id}/messages`
    const stop = repeatConcurrently([
      async () => expect((await bob.get('/api/conversations')).status).toBe(200),
      async () => expect((await bob.post(messages, { role: 'user', content: 'Hello' })).status).toBe(201),
      async () => expect((await bob.get(messages)).status).toBe(200),
      async () => expect((await service.get('/health')).status).toBe(200),
    ])
    await tamper(url, 'DROP TABLE tasks')
    for (let round = 0; round < 10; round++) await expectRefused(alice, task.id)
    await stop()
    expect(await tablesIn(url)).not.toContain('tasks')
    if (dialect === 'Postgres') {
      // The service that connects again is no new process.
      await interrupt(url, async () => (await bob.get(messages)).status)
      await expectRefused(alice, task.id)
      expect(await tablesIn(url)).not.toContain('tasks')
    }
    expectLogged(service)
    const next = await startServing(url)
    expect((await (await next.as('alice')).get('/api/tasks')).body.data).toEqual([])
    expect((await alice.post('/api/tasks', { title: 'new' })).status).toBe(201)
  }, 30_000)
})

/** How a database is replaced by an empty one while the service runs. */
const replacements = {
  'after a request has noticed that it is missing': async (url: string, alice: Client) => {
    const { admin, name } = asAdmin(url)
    await admin.unsafe(`DROP DATABASE ${name} WITH (FORCE)`)
    await until('its absence is noticed', async () => (await alice.get('/api/tasks')).status === 503)
    await admin.unsafe(`CREATE DATABASE ${name}`)
  },
  'before any request notices': async (url: string) => {
    const { admin, name } = asAdmin(url)
    await admin.unsafe(`DROP DATABASE ${name} WITH (FORCE)`)
    await admin.unsafe(`CREATE DATABASE ${name}`)
  },
  'as a schema, before its connections end': async (url: string) => {
    await tamper(url, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    const { admin, name } = asAdmin(url)
    await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`
  },
}

it.each(Object.entries(replacements))(
  'a Postgres database that is recreated empty %s is set up again',
  async (_, replace) => {
    const url = await freshDatabase('Postgres')
    const service = await startServing(url)
    const alice = await service.as('alice')
    expect((await alice.post('/api/tasks', { title: 'lost' })).status).toBe(201)
    await replace(url, alice)
    await until('it serves', async () => (await alice.get('/api/tasks')).status === 200, 5000)
    expect((await alice.post('/api/tasks', { title: 'new' })).status).toBe(201)
    expect((await alice.get('/api/tasks')).body.data).toHaveLength(1)
    expect((await service.get('/health')).status).toBe(200)
    expect(service.unexpectedOutput).toEqual([])
  },
  30_000,
)
