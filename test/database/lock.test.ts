import { expect, it, setDefaultTimeout } from 'bun:test'
import postgresJs, { type Sql } from 'postgres'
import { type Migration, migrations, toMigrations } from '../../src/database/migrations'
import { migratePostgres } from '../../src/database/migrations/migrate-postgres'
import { defineModels } from '../../src/models'
import { postgres } from '../../src/models/dialects/postgres'
import { until } from '../faults/support/time'
import { cleanUp } from '../support/cleanup'
import { atStart, connectTo, freshDatabase } from '../support/databases'

setDefaultTimeout(30_000)

const models = defineModels(postgres)

/** How many statements in this database have waited for a lock for so long. */
const countWaiting = async (sql: ReturnType<typeof connectTo>, milliseconds = 0) => {
  // Within a transaction the view would never change.
  await sql`SELECT pg_stat_clear_snapshot()`
  const waiting = await sql`
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
    AND clock_timestamp() - query_start >= make_interval(secs => ${milliseconds / 1000}::float)`
  return waiting.length
}

it.each(['read committed', 'serializable'])(
  'replicas that start during the first migration wait for each other, and none fails, by default %s',
  async (level) => {
    const url = await freshDatabase('Postgres')
    const holder = connectTo(url)
    // Whoever makes the same table now waits for this transaction: all replicas get as far as they may.
    await holder.unsafe('BEGIN; CREATE TABLE todo_backend_migrations (name text)')
    const replicas = Array.from({ length: 4 }, () => connectTo(url))
    for (const sql of replicas) await sql.unsafe(`SET default_transaction_isolation = '${level}'`)
    const migrating = Promise.allSettled(replicas.map((sql) => migratePostgres(sql, models, atStart)))
    await until('all wait', async () => (await countWaiting(holder)) === replicas.length)
    await holder.unsafe('ROLLBACK')
    expect((await migrating).map(({ status }) => status)).toEqual(replicas.map(() => 'fulfilled'))
    const applied = await holder<{ name: string }[]>`SELECT name FROM todo_backend_migrations ORDER BY name`
    expect(applied.map(({ name }) => name)).toEqual(migrations.postgres.map(({ name }) => name))
  },
)

it.each([
  ['a lock', 'CREATE TABLE todo_backend_migrations (name text)'],
  ['another replica', 'SELECT pg_advisory_xact_lock(7301984655)'],
])(
  'a migration that waits for %s is not aborted by time limits that are meant for requests',
  async (_, held) => {
    const url = await freshDatabase('Postgres')
    const [holder, replica] = [connectTo(url), connectTo(url)]
    await holder.unsafe(`BEGIN; ${held}`)
    await replica.unsafe(
      'SET statement_timeout = 100; SET lock_timeout = 100; SET idle_in_transaction_session_timeout = 1',
    )
    const [server] = await replica`SELECT current_setting('server_version_num')::int >= 170000 AS has_more`
    if (server?.has_more) await replica.unsafe('SET transaction_timeout = 100')
    const migrating = migratePostgres(replica, models, atStart).then(
      () => 'applied',
      (error) => error.code,
    )
    await Promise.race([
      migrating,
      until('it waits long', async () => (await countWaiting(holder, 500)) === 1),
    ])
    await holder.unsafe('ROLLBACK')
    expect(await migrating).toBe('applied')
  },
)

it('a schema that is up to date takes two queries, which only read', async () => {
  const url = await freshDatabase('Postgres')
  await migratePostgres(connectTo(url), models, atStart)
  const queries: string[] = []
  const sql = postgresJs(url, { max: 1, fetch_types: false, debug: (_, query) => void queries.push(query) })
  cleanUp(() => sql.end({ timeout: 1 }))
  await sql`SET default_transaction_read_only = on`
  queries.length = 0
  await migratePostgres(sql, models, atStart)
  expect(queries).toHaveLength(2)
})

it('a process that connects again leaves an existing ledger as it is, and sets up a new database', async () => {
  const url = await freshDatabase('Postgres')
  const sql = connectTo(url)
  const later = { ...atStart, isFirstConnection: false }
  const exists = async () => (await sql`SELECT to_regclass('tasks') IS NOT NULL AS tasks`)[0]?.tasks
  await migratePostgres(sql, models, later)
  expect(await exists()).toBe(true)
  await sql`DROP TABLE tasks`
  await migratePostgres(sql, models, later)
  expect(await exists()).toBe(false)
  await migratePostgres(sql, models, atStart)
  expect(await exists()).toBe(true)
})

/** Ends the connection of a migration once it is at a point, and returns how the migration ended. */
const interrupt = async (url: string, isReached: (admin: Sql) => Promise<boolean>, steps?: Migration[]) => {
  const [sql, admin] = [connectTo(url), connectTo(url)]
  const [backend] = await sql`SELECT pg_backend_pid() AS pid`
  const migrating = migratePostgres(sql, models, atStart, steps).then(
    () => 'applied',
    (error) => error.code,
  )
  await until('it is reached', () => isReached(admin))
  await admin`SELECT pg_terminate_backend(${backend?.pid})`
  return migrating
}

it('a migration whose connection is lost while it waits for another replica is rejected, and nothing else', async () => {
  const url = await freshDatabase('Postgres')
  const holder = connectTo(url)
  await holder.unsafe('BEGIN; SELECT pg_advisory_xact_lock(7301984655)')
  const isWaiting = async (admin: Sql) => (await countWaiting(admin)) === 1
  expect(await interrupt(url, isWaiting)).toBe('CONNECTION_CLOSED')
  await holder.unsafe('ROLLBACK')
  await migratePostgres(connectTo(url), models, atStart)
})

it('a migration whose connection is lost on the way leaves nothing half done', async () => {
  const url = await freshDatabase('Postgres')
  const slow = toMigrations({
    '9999_slow': 'CREATE TABLE half (id int);--> statement-breakpoint\nSELECT pg_sleep(60)',
  })
  const isSleeping = async (admin: Sql) => {
    const found =
      await admin`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`
    return found.length === 1
  }
  expect(await interrupt(url, isSleeping, [...migrations.postgres, ...slow])).toBe('CONNECTION_CLOSED')
  const sql = connectTo(url)
  expect(await sql`SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace`).toBeEmpty()
})

it('attempts that fail again and again take no more memory, though postgres.js keeps each template', async () => {
  const sql = connectTo(await freshDatabase('Postgres'))
  const kept = new Set<unknown>()
  const record = (template: TemplateStringsArray, ...fragments: never[]) => {
    kept.add(template)
    return sql(template, ...fragments)
  }
  const recording = Object.assign(record, { unsafe: sql.unsafe }) as unknown as Sql
  const broken = toMigrations({ '9999_broken': 'SELECT 1 / 0' })
  const attempt = () => migratePostgres(recording, models, atStart, broken).catch((error) => error.code)
  expect(await attempt()).toBe('22012')
  expect(await attempt()).toBe('22012')
  expect(kept.size).toBe(1)
})
