import { Database } from 'bun:sqlite'
import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { readdir } from 'node:fs/promises'
import {
  generateDrizzleJson,
  generateMigration,
  generateSQLiteDrizzleJson,
  generateSQLiteMigration,
} from 'drizzle-kit/api'
import { getTableName } from 'drizzle-orm'
import type { Sql } from 'postgres'
import { type Migration, migrations, toMigrations } from '../../src/database/migrations'
import { migratePostgres } from '../../src/database/migrations/migrate-postgres'
import { migrateSQLite } from '../../src/database/migrations/migrate-sqlite'
import { defineModels } from '../../src/models'
import { postgres } from '../../src/models/dialects/postgres'
import { sqlite } from '../../src/models/dialects/sqlite'
import { atStart, connectTo, dialects, freshDatabase, tamper } from '../support/databases'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

const folder = `${import.meta.dir}/../../src/database/migrations`

const lastSnapshot = async (dialect: 'postgres' | 'sqlite') => {
  const snapshots = (await readdir(`${folder}/${dialect}/meta`)).filter((name) =>
    name.endsWith('snapshot.json'),
  )
  return Bun.file(`${folder}/${dialect}/meta/${snapshots.toSorted().at(-1)}`).json()
}

/** A step that a later version of the service might bring; its column has a name that no model has. */
const scratch = toMigrations({
  '9999_scratch': 'ALTER TABLE "tasks" ADD COLUMN "scratch" integer NOT NULL DEFAULT 3',
})

const bringSQLite = (database: Database, steps?: readonly Migration[]) =>
  migrateSQLite(database, defineModels(sqlite), atStart, steps)
const bringPostgres = (sql: Sql, steps?: readonly Migration[]) =>
  migratePostgres(sql, defineModels(postgres), atStart, steps)

const messagesIn = async (url: string) => {
  const count = 'SELECT count(*) AS count FROM messages'
  if (!url.startsWith('sqlite:')) return Number((await connectTo(url).unsafe(count))[0]?.count)
  return new Database(url.replace('sqlite:', '')).query<{ count: number }, []>(count).get()?.count
}

describe('migrations', () => {
  it('lead to the models, so that none is missing', async () => {
    expect(
      await generateMigration(await lastSnapshot('postgres'), generateDrizzleJson(defineModels(postgres))),
    ).toEqual([])
    expect(
      await generateSQLiteMigration(
        await lastSnapshot('sqlite'),
        await generateSQLiteDrizzleJson(defineModels(sqlite)),
      ),
    ).toEqual([])
  })

  it.each(['postgres', 'sqlite'] as const)('are all inside the program for %s', async (dialect) => {
    const files = (await readdir(`${folder}/${dialect}`)).filter((name) => name.endsWith('.sql'))
    expect(migrations[dialect].map(({ name }) => `${name}.sql`)).toEqual(files.toSorted())
  })

  it('create each table of the models for sqlite', () => {
    const database = new Database(':memory:')
    bringSQLite(database)
    for (const table of Object.values(defineModels(sqlite)).map(getTableName))
      expect([table, database.query(`PRAGMA table_info(${table})`).all().length > 0]).toEqual([table, true])
  })

  it('create each table of the models for postgres', async () => {
    const sql = connectTo(await freshDatabase('Postgres'))
    await bringPostgres(sql)
    for (const table of Object.values(defineModels(postgres)).map(getTableName))
      expect([
        ...(await sql`SELECT ${table}::text AS table, to_regclass(${table}) IS NOT NULL AS exists`),
      ]).toEqual([{ table, exists: true }])
  })

  it('cover every file of src/models, since src/models/index.ts imports each', async () => {
    const models = `${import.meta.dir}/../../src/models`
    const index = await Bun.file(`${models}/index.ts`).text()
    const files = (await readdir(models)).filter((name) => name.endsWith('.ts') && name !== 'index.ts')
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) expect(index).toContain(`'./${file.replace('.ts', '')}'`)
  })

  it('bring a later column to a SQLite database with data, once', async () => {
    const url = await freshDatabase('SQLite')
    const service = await startService('SQLite', { DATABASE_URL: url })
    await (await service.as('alice')).post('/api/tasks', { title: 'Kept' })
    const database = new Database(url.replace('sqlite:', ''))
    for (let boot = 0; boot < 2; boot++) bringSQLite(database, [...migrations.sqlite, ...scratch])
    expect(database.query('SELECT title, scratch FROM tasks').all()).toEqual([{ title: 'Kept', scratch: 3 }])
  })

  it('bring a later column to a Postgres database with data, once, however many replicas boot', async () => {
    const url = await freshDatabase('Postgres')
    const service = await startService('Postgres', { DATABASE_URL: url })
    await (await service.as('alice')).post('/api/tasks', { title: 'Kept' })
    const replicas = Array.from({ length: 8 }, () => connectTo(url))
    await Promise.all(replicas.map((sql) => bringPostgres(sql, [...migrations.postgres, ...scratch])))
    const sql = connectTo(url)
    expect(await sql`SELECT title, scratch FROM tasks`).toMatchObject([{ title: 'Kept', scratch: 3 }])
    const names = [...migrations.postgres, ...scratch].map(({ name }) => ({ name }))
    expect([...(await sql`SELECT name FROM todo_backend_migrations ORDER BY name`)]).toEqual(names)
  })

  it('leave nothing half done when a step fails', async () => {
    const url = await freshDatabase('Postgres')
    const sql = connectTo(url)
    const broken = toMigrations({
      '9999_broken': 'CREATE TABLE half (id int);--> statement-breakpoint\nSELECT 1/0',
    })
    const failure = await bringPostgres(sql, [...migrations.postgres, ...broken]).then(
      () => undefined,
      (error) => error.code,
    )
    expect(failure).toBe('22012')
    expect(await sql`SELECT to_regclass('half') AS half, to_regclass('tasks') AS tasks`).toMatchObject([
      { half: null, tasks: null },
    ])
  })
})

describe.each(dialects)('a %s database', (dialect) => {
  it('keeps its data over a restart', async () => {
    const url = await freshDatabase(dialect)
    const before = await startService(dialect, { DATABASE_URL: url })
    const { body: made } = await (await before.as('alice')).post('/api/tasks', { title: 'Kept' })
    await before.stop()
    const after = await startService(dialect, { DATABASE_URL: url })
    expect((await (await after.as('alice')).get('/api/tasks')).body.data).toEqual([made])
  })

  it('gets a missing table back, and keeps the others', async () => {
    const url = await freshDatabase(dialect)
    const before = await startService(dialect, { DATABASE_URL: url })
    const asked = await before.as('alice')
    const { body: kept } = await asked.post('/api/conversations', {})
    const { body: deleted } = await asked.post('/api/conversations', {})
    expect((await asked.delete(`/api/conversations/${deleted.id}`)).status).toBe(204)
    await before.stop()
    await tamper(url, 'DROP TABLE tasks')
    const after = await startService(dialect, { DATABASE_URL: url })
    const alice = await after.as('alice')
    expect((await alice.post('/api/tasks', { title: 'First again' })).status).toBe(201)
    expect((await alice.get('/api/conversations')).body.data).toEqual([kept])
    expect((await alice.post('/api/conversations', {})).body.id).toBe(deleted.id + 1)
  })

  it('gets conversations back that have messages, and attaches none of these to a new one', async () => {
    const url = await freshDatabase(dialect)
    const before = await startService(dialect, { DATABASE_URL: url })
    const asked = await before.as('alice')
    const { body: conversation } = await asked.post('/api/conversations', {})
    const path = `/api/conversations/${conversation.id}`
    const { body: message } = await asked.post(`${path}/messages`, { role: 'user', content: 'Kept' })
    await before.stop()
    await tamper(
      url,
      dialect === 'SQLite'
        ? 'PRAGMA foreign_keys = OFF; DROP TABLE conversations'
        : 'DROP TABLE conversations CASCADE',
    )
    const after = await startService(dialect, { DATABASE_URL: url })
    const alice = await after.as('alice')
    const { body: added } = await alice.post('/api/conversations', {})
    expect((await alice.get(`/api/conversations/${added.id}/messages`)).body.data).toEqual([])
    expect((await alice.get(`${path}/messages`)).body.data).toEqual([message])
    expect((await alice.delete(path)).status).toBe(204)
    expect(await messagesIn(url)).toBe(0)
  })

  it('gets later columns back with a missing table', async () => {
    const url = await freshDatabase(dialect)
    const columnsAfter = async (statement: string) => {
      await tamper(url, statement)
      if (dialect === 'Postgres') {
        const sql = connectTo(url)
        await bringPostgres(sql, [...migrations.postgres, ...scratch])
        const columns =
          await sql`SELECT column_name FROM information_schema.columns WHERE table_name = 'tasks'`
        return columns.map(({ column_name }) => column_name)
      }
      const database = new Database(url.replace('sqlite:', ''))
      bringSQLite(database, [...migrations.sqlite, ...scratch])
      const columns = database.query<{ name: string }, []>('PRAGMA table_info(tasks)').all()
      return columns.map(({ name }) => name)
    }
    const made = await columnsAfter('SELECT 1')
    expect(made).toContain('scratch')
    expect(await columnsAfter('DROP TABLE tasks')).toEqual(made)
  })

  it('may hold the tables of the first migration already, with data', async () => {
    const url = await freshDatabase(dialect)
    const steps = migrations[dialect === 'SQLite' ? 'sqlite' : 'postgres']
    const schema = [...(steps[0]?.statements ?? [])]
    schema.push(
      `INSERT INTO tasks (user_id, title) VALUES ('alice', 'Older')`,
      `INSERT INTO conversations (id, user_id) VALUES (7, 'alice')`,
      `INSERT INTO messages (user_id, conversation_id, role, content) VALUES ('alice', 7, 'user', 'Hello')`,
    )
    if (dialect === 'SQLite') {
      const database = new Database(url.replace('sqlite:', ''))
      for (const statement of schema) database.run(statement)
      database.close()
    } else await connectTo(url).unsafe(schema.join(';'))
    const service = await startService(dialect, { DATABASE_URL: url })
    const alice = await service.as('alice')
    expect((await alice.get('/api/tasks')).body.data).toMatchObject([{ title: 'Older' }])
    const { body: messages } = await alice.get('/api/conversations/7/messages')
    expect(messages.data).toMatchObject([{ role: 'user', content: 'Hello' }])
  })

  it('is created once by many replicas that start at the same moment', async () => {
    const url = await freshDatabase(dialect)
    const services = await Promise.all(
      Array.from({ length: 8 }, () => startService(dialect, { DATABASE_URL: url, DATABASE_POOL_MAX: '2' })),
    )
    const clients = await Promise.all(services.map((service) => service.as('alice')))
    const made = await Promise.all(clients.map((client) => client.post('/api/tasks', { title: 'x' })))
    expect(made.map(({ status }) => status)).toEqual(made.map(() => 201))
    const [first] = clients
    expect((await first?.get('/api/tasks'))?.body.data).toHaveLength(8)
  })
})
