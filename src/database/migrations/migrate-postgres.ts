import type { Sql } from 'postgres'
import { within } from '../time'
import { type Migration, migrations } from '.'
import type { Column } from './compare'
import { isSettled, ledgerQuery, type Models, plan, report, type SetUp, tableList } from './plan'

/** The key of the advisory lock for migrations: any number, the same in every replica. */
const lockKey = 7_301_984_655

/** How long the first look at the schema may take, in milliseconds, before another connection is tried. */
const lookLimitMs = 30_000

const tooLate = () =>
  Object.assign(new Error('the schema could not be read in time'), { code: 'CONNECT_TIMEOUT' })

const begin = `
  BEGIN ISOLATION LEVEL READ COMMITTED;
  -- A limit meant for the statements of requests must not abort a migration over and over again.
  SELECT set_config(name, '0', true) FROM pg_settings
  WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout');
  -- A replica that vanishes must not keep the lock.
  SET LOCAL idle_in_transaction_session_timeout = '1min'`

const columnsQuery = (models: Models) => `
  SELECT relname AS table, attname AS name, concat_ws(' ',
    regexp_replace(format_type(atttypid, atttypmod), '^character varying$', 'text'),
    CASE WHEN attnotnull THEN 'not null' END,
    CASE WHEN atthasdef OR attidentity <> '' THEN 'with default' END) AS definition
  FROM unnest(ARRAY[${tableList(models)}]) AS wanted
  JOIN pg_class ON pg_class.oid = to_regclass(quote_ident(wanted))
  JOIN pg_attribute ON attrelid = pg_class.oid
  WHERE attnum > 0 AND NOT attisdropped ORDER BY relname, attnum`

/**
 * Brings the schema up to date, once, however many replicas start at the same time: the lock of its transaction
 * holds through a pooler in transaction mode. If nothing has to be done it only reads, so that a replica starts on
 * a read-only database too. Throws SchemaMismatch, or what the driver throws; then nothing has changed.
 *
 * @param sql must have one connection. Its `begin()` would end the process if that is lost.
 */
export const migratePostgres = async (
  sql: Sql,
  models: Models,
  setUp: SetUp,
  steps: readonly Migration[] = migrations.postgres,
) => {
  // postgres.js keeps the template of each query that failed: this one is the same for all.
  const run = <T extends object>(text: string) => sql<T[]>`${sql.unsafe(text)}`.simple()
  const look = async () => {
    const columns = await run<Column>(columnsQuery(models))
    return plan(models, steps, columns, await run<{ name: string }>(ledgerQuery(columns)))
  }
  if (isSettled(await within(lookLimitMs, look(), tooLate), setUp)) return
  try {
    await run(begin)
    const [lock] = await run<{ free: boolean }>(`SELECT pg_try_advisory_xact_lock(${lockKey}) AS free`)
    if (!lock?.free) {
      setUp.onMigration({ event: 'waiting' })
      await run(`SELECT pg_advisory_xact_lock(${lockKey})`)
    }
    const planned = await look()
    if (planned.difference) throw planned.difference
    const finish = report(planned, setUp)
    await run(planned.statements.join('\n;\n'))
    const { difference } = await look()
    if (difference) throw difference
    await run('COMMIT')
    finish()
  } catch (error) {
    // This fails if the connection is lost, and then the server rolls back by itself.
    await run('ROLLBACK').catch(() => {})
    throw error
  }
}
