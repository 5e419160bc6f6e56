import type { Sql } from 'postgres'
import { type Migration, migrations, tablesAfter } from '.'
import { atStart, createLedger, ledgerName, ledgerQuery, namesOf, plan, report, type SetUp } from './plan'

/** The key of the advisory lock for migrations: any number, the same in every replica. */
const lockKey = 7_301_984_655

const tables = (names: Iterable<string>) => `unnest('{${[...names].join()}}'::text[]) AS tables (name)`

/** A migration as PL/pgSQL, which decides while it holds the lock which statements to execute. */
const toBlock = ({ name, statements }: Migration) => `
  is_new := NOT EXISTS (SELECT FROM ${ledgerName} WHERE name = '${name}');
  ${statements
    .map(({ sql, table }) => {
      const isMissing = table === undefined ? 'cardinality(missing) > 0' : `'${table}' = ANY (missing)`
      return `IF is_new OR ${isMissing} THEN EXECUTE $migration$${sql}$migration$; END IF;`
    })
    .join('\n  ')}
  IF is_new THEN INSERT INTO ${ledgerName} (name) VALUES ('${name}'); END IF;`

/**
 * Applies what is missing, once, however many replicas start at the same time. All of it is one simple
 * query, which Postgres runs as one transaction: the lock holds through a pooler in transaction mode,
 * and a connection lost on the way leaves nothing half done. If nothing is missing it only reads, so a
 * replica starts on a read-only database too.
 */
export const migratePostgres = async (
  sql: Sql,
  steps: readonly Migration[] = migrations.postgres,
  setUp: SetUp = atStart,
): Promise<void> => {
  const all = tablesAfter(steps)
  const found = await sql.unsafe<{ name: string }[]>(
    `SELECT name FROM ${tables([ledgerName, ...all])} WHERE to_regclass(quote_ident(name)) IS NOT NULL`,
  )
  const existing = namesOf(found)
  const applied = existing.has(ledgerName) ? namesOf(await sql.unsafe<{ name: string }[]>(ledgerQuery)) : []
  const planned = plan(steps, new Set(applied), existing, setUp)
  if (planned.statements.length === 0) return
  const finish = report(planned, setUp)
  await sql.unsafe(`
    -- A limit meant for the statements of requests must not abort a migration over and over again.
    SET LOCAL statement_timeout = 0;
    SET LOCAL lock_timeout = 0;
    -- Postgres has had this one since version 17.
    SELECT set_config('transaction_timeout', '0', true) WHERE current_setting('transaction_timeout', true) IS NOT NULL;
    SELECT pg_advisory_xact_lock(${lockKey});
    ${createLedger('now()::text')};
    DO $guard$
    DECLARE
      missing text[] := ARRAY(SELECT name FROM ${tables(all)} WHERE to_regclass(quote_ident(name)) IS NULL);
      is_new boolean;
    BEGIN
      ${steps.map(toBlock).join('\n')}
    END $guard$;`)
  finish()
}

/** Whether any process holds, or waits for, the lock for migrations. */
export const isMigratingPostgres = async (sql: Sql): Promise<boolean> => {
  const found = await sql.unsafe(
    `SELECT FROM pg_locks WHERE locktype = 'advisory' AND (classid::bigint << 32) + objid::bigint = ${lockKey}
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )
  return found.length > 0
}
