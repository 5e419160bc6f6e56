import { expect, it, setDefaultTimeout } from 'bun:test'
import { migrations } from '../../src/database/migrations'
import { migratePostgres } from '../../src/database/migrations/apply'
import { until } from '../faults/support/time'
import { connectTo, freshDatabase } from '../support/databases'

setDefaultTimeout(30_000)

it('replicas that meet amid the first migration wait for each other, and none fails', async () => {
  const url = await freshDatabase('Postgres')
  const holder = connectTo(url)
  // Whoever makes the same table now waits for this transaction: all replicas get as far as they may.
  await holder.unsafe('BEGIN; CREATE TABLE schema_migrations (name text)')
  const replicas = Array.from({ length: 4 }, () => connectTo(url))
  const migrating = Promise.allSettled(replicas.map((sql) => migratePostgres(sql)))
  await until('all wait', async () => {
    await holder`SELECT pg_stat_clear_snapshot()`
    const waiting = await holder`
      SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    return waiting.length === replicas.length
  })
  await holder.unsafe('ROLLBACK')
  expect((await migrating).map(({ status }) => status)).toEqual(replicas.map(() => 'fulfilled'))
  const applied = await holder<{ name: string }[]>`SELECT name FROM schema_migrations ORDER BY name`
  expect(applied.map(({ name }) => name)).toEqual(migrations.postgres.map(({ name }) => name))
})
