import { expect, it, setDefaultTimeout } from 'bun:test'
import { migrations } from '../../src/database/migrations'
import { migratePostgres } from '../../src/database/migrations/migrate-postgres'
import { until } from '../faults/support/time'
import { connectTo, freshDatabase } from '../support/databases'

setDefaultTimeout(30_000)

/** How many statements in this database have waited for a lock for so long. */
const countWaiting = async (sql: ReturnType<typeof connectTo>, milliseconds = 0) => {
  // Within a transaction the view would never change.
  await sql`SELECT pg_stat_clear_snapshot()`
  const waiting = await sql`
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
    AND clock_timestamp() - query_start >= make_interval(secs => ${milliseconds / 1000}::float)`
  return waiting.length
}

it('replicas that start during the first migration wait for each other, and none fails', async () => {
  const url = await freshDatabase('Postgres')
  const holder = connectTo(url)
  // Whoever makes the same table now waits for this transaction: all replicas get as far as they may.
  await holder.unsafe('BEGIN; CREATE TABLE schema_migrations (name text)')
  const replicas = Array.from({ length: 4 }, () => connectTo(url))
  const migrating = Promise.allSettled(replicas.map((sql) => migratePostgres(sql)))
  await until('all wait', async () => (await countWaiting(holder)) === replicas.length)
  await holder.unsafe('ROLLBACK')
  expect((await migrating).map(({ status }) => status)).toEqual(replicas.map(() => 'fulfilled'))
  const applied = await holder<{ name: string }[]>`SELECT name FROM schema_migrations ORDER BY name`
  expect(applied.map(({ name }) => name)).toEqual(migrations.postgres.map(({ name }) => name))
})

it('a migration is not aborted by time limits that are meant for the statements of requests', async () => {
  const url = await freshDatabase('Postgres')
  const [holder, replica] = [connectTo(url), connectTo(url)]
  await holder.unsafe('BEGIN; CREATE TABLE schema_migrations (name text)')
  await replica.unsafe('SET statement_timeout = 100; SET lock_timeout = 100')
  const [server] = await replica`SELECT current_setting('server_version_num')::int >= 170000 AS has_more`
  if (server?.has_more) await replica.unsafe('SET transaction_timeout = 100')
  const migrating = migratePostgres(replica).then(
    () => 'applied',
    (error) => error.code,
  )
  await Promise.race([migrating, until('it waits long', async () => (await countWaiting(holder, 500)) === 1)])
  await holder.unsafe('ROLLBACK')
  expect(await migrating).toBe('applied')
})
