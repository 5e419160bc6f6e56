import type { Sql } from 'postgres'
import { type Migration, migrations } from '.'
import type { Column } from './compare'
import { isSettled, ledgerQuery, type Models, plan, report, type SetUp, tableList } from './plan'

/** The key of the advisory lock for migrations: any number, the same in every replica. */
const lockKey = 7_301_984_655

const begin = `
  BEGIN ISOLATION LEVEL READ COMMITTED;
  -- A limit meant for the statements of requests must not abort a migration over and over again.
  SET LOCAL statement_timeout = 0;
  SET LOCAL lock_timeout = 0;
  -- Postgres has had this one since version 17.
  SELECT set_config('transaction_timeout', '0', true) WHERE current_setting('transaction_timeout', true) IS NOT NULL;
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

/** postgres.js keeps each text that failed, so attempts that fail again and again have to share one. */
const texts = new Map<string, TemplateStringsArray>()

const run = <T extends object>(sql: Sql, text: string) => {
  const shared = texts.get(text) ?? Object.assign([text], { raw: [text] })
  texts.set(text, shared)
  return sql<T[]>(shared).simple()
}

/**
 * Brings the schema up to date, once, however many replicas start at the same time: the lock of its transaction
 * holds through a pooler in transaction mode. If nothing has to be done it only reads, so that a replica starts on
 * a read-only database too. Throws SchemaMismatch, or what the driver throws; then nothing has changed.
 *
 * @param sql must have one connection and never reconnect. Its `begin()` would end the process if that is lost,
 * by sending a ROLLBACK over it.
 */
export const migratePostgres = async (
  sql: Sql,
  models: Models,
  setUp: SetUp,
  steps: readonly Migration[] = migrations.postgres,
): Promise<void> => {
  const look = async () => {
    const columns = await run<Column>(sql, columnsQuery(models))
    const query = ledgerQuery(columns)
    const ledger = query ? await run<{ name: string }>(sql, query) : []
    return plan(models, steps, { columns, ledger })
  }
  const found = await look()
  if (isSettled(found, setUp)) return
  const finish = report(found, setUp)
  await run(sql, begin)
  try {
    const [lock] = await run<{ free: boolean }>(sql, `SELECT pg_try_advisory_xact_lock(${lockKey}) AS free`)
    if (!lock?.free) {
      setUp.onMigration({ event: 'waiting for another replica' })
      await run(sql, `SELECT pg_advisory_xact_lock(${lockKey})`)
    }
    const planned = await look()
    if (planned.difference) throw planned.difference
    await run(sql, planned.statements.join('\n;\n'))
    const { difference } = await look()
    if (difference) throw difference
    await run(sql, 'COMMIT')
    finish()
  } catch (error) {
    // This fails if the connection is lost, and then the server rolls back by itself.
    await run(sql, 'ROLLBACK').catch(() => {})
    throw error
  }
}
