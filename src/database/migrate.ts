import type { Database as SQLite } from 'bun:sqlite'
import type { Sql } from 'postgres'
import { type Migration, migrations, statementsOf } from './migrations'

const ledger = (now: string) =>
  `CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at text NOT NULL DEFAULT (${now}))`

/** Any number, the same in every replica: the key of the lock under which the schema changes. */
const lockKey = 7_301_984_655

const quoted = (text: string) => `$migration$${text}$migration$`

/** One step as a statement that does nothing where the ledger says it is done. */
const guarded = (migration: Migration) => `
DO $guard$ BEGIN
  IF NOT EXISTS (SELECT FROM schema_migrations WHERE name = '${migration.name}') THEN
    ${statementsOf(migration)
      .map((statement) => `EXECUTE ${quoted(statement)};`)
      .join('\n    ')}
    INSERT INTO schema_migrations (name) VALUES ('${migration.name}');
  END IF;
END $guard$;`

const ledgerQuery = 'SELECT name FROM schema_migrations'

/** The steps that a ledger does not name; all of them where there is no ledger yet. */
const missing = (steps: readonly Migration[], applied: readonly { name: string }[]) => {
  const done = new Set(applied.map(({ name }) => name))
  return steps.filter(({ name }) => !done.has(name))
}

/**
 * Applies what is missing (FR-009), once, however many replicas start at the same time. All of it
 * is one simple query, which Postgres runs as one transaction: the lock holds through a pooler in
 * transaction mode, and a connection lost on the way leaves nothing half done. Where nothing is
 * missing it only reads, so a replica starts on a read-only database too.
 */
export const migratePostgres = async (
  client: Sql,
  steps: readonly Migration[] = migrations.postgres,
): Promise<void> => {
  const [found] = await client.unsafe(`SELECT to_regclass('schema_migrations') AS ledger`)
  const applied = found?.ledger ? await client.unsafe<{ name: string }[]>(ledgerQuery) : []
  const needed = missing(steps, applied)
  if (needed.length === 0) return
  const lock = `SELECT pg_advisory_xact_lock(${lockKey})`
  const script = [`${lock};`, `${ledger('now()::text')};`, ...needed.map(guarded)]
  await client.unsafe(script.join('\n'))
}

/** The same for SQLite, under its write lock. Throws SQLITE_BUSY while another process holds that. */
export const migrateSQLite = (database: SQLite, steps: readonly Migration[] = migrations.sqlite): void => {
  const exists = database.query(`SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'`)
  const applied = () => (exists.get() ? database.query<{ name: string }, []>(ledgerQuery).all() : [])
  if (missing(steps, applied()).length === 0) return
  const apply = database.transaction(() => {
    database.run(ledger("strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"))
    for (const step of missing(steps, applied())) {
      for (const statement of statementsOf(step)) database.run(statement)
      database.run('INSERT INTO schema_migrations (name) VALUES (?)', [step.name])
    }
  })
  apply.immediate()
}
