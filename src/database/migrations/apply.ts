import type { Database as SQLite } from 'bun:sqlite'
import type { Sql } from 'postgres'
import { type Migration, migrations, statementsOf } from '.'

export type MigrationEvent =
  | { event: 'started'; steps: readonly string[] }
  | { event: 'finished'; milliseconds: number }

/** How a database is set up on connecting. */
export interface SetUp {
  /**
   * Whether to create tables that are missing although the ledger has their step. A process does so on
   * its first connection only: a table dropped later was dropped on purpose.
   */
  createMissingTables: boolean
  onMigration(event: MigrationEvent): void
}

const atStart: SetUp = { createMissingTables: true, onMigration: () => {} }

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

const named = (tables: readonly string[]) => `unnest('{${tables.join()}}'::text[]) AS tables (name)`

/** Has the ledger forget a step one of whose tables is gone, so that it makes it again. */
const reopened = ({ name, tables }: Migration) => `
DELETE FROM schema_migrations WHERE name = '${name}'
  AND EXISTS (SELECT FROM ${named(tables)} WHERE to_regclass(quote_ident(name)) IS NULL);`

const ledgerName = 'schema_migrations'
const ledgerQuery = 'SELECT name FROM schema_migrations'

interface Named {
  name: string
}

/** The steps that no ledger names, or one of whose tables does not exist (any more) (FR-009). */
const missing = (
  steps: readonly Migration[],
  applied: readonly Named[],
  existing: readonly Named[],
  { createMissingTables }: SetUp,
) => {
  const done = new Set(applied.map(({ name }) => name))
  const exist = new Set(existing.map(({ name }) => name))
  if (!createMissingTables && exist.has(ledgerName)) return []
  return steps.filter(({ name, tables }) => !done.has(name) || tables.some((table) => !exist.has(table)))
}

const hasLedger = (existing: readonly Named[]) => existing.some(({ name }) => name === ledgerName)

/** Runs the migrations and reports that, and how long it took. */
const reported = <T>(steps: readonly Migration[], { onMigration }: SetUp, run: () => T): T => {
  const start = performance.now()
  const finish = () => onMigration({ event: 'finished', milliseconds: Math.round(performance.now() - start) })
  onMigration({ event: 'started', steps: steps.map(({ name }) => name) })
  const result = run()
  if (result instanceof Promise) result.then(finish, () => {})
  else finish()
  return result
}

/**
 * Applies what is missing (FR-009), once, however many replicas start at the same time. All of it
 * is one simple query, which Postgres runs as one transaction: the lock holds through a pooler in
 * transaction mode, and a connection lost on the way leaves nothing half done. Where nothing is
 * missing it only reads, so a replica starts on a read-only database too.
 */
export const migratePostgres = async (
  sql: Sql,
  steps: readonly Migration[] = migrations.postgres,
  setUp: SetUp = atStart,
): Promise<void> => {
  const wanted = [ledgerName, ...steps.flatMap(({ tables }) => tables)]
  const existing = await sql.unsafe<Named[]>(
    `SELECT name FROM ${named(wanted)} WHERE to_regclass(quote_ident(name)) IS NOT NULL`,
  )
  const applied = hasLedger(existing) ? await sql.unsafe<Named[]>(ledgerQuery) : []
  const needed = missing(steps, applied, existing, setUp)
  if (needed.length === 0) return
  const script = [
    // A limit meant for the statements of requests must not abort a migration over and over again.
    'SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;',
    `SELECT pg_advisory_xact_lock(${lockKey});`,
    `${ledger('now()::text')};`,
    ...needed.map(reopened),
    ...needed.map(guarded),
  ]
  await reported(needed, setUp, async () => void (await sql.unsafe(script.join('\n'))))
}

/** Whether any process holds, or waits for, the lock under which the schema changes. */
export const isMigratingPostgres = async (sql: Sql): Promise<boolean> => {
  const found = await sql.unsafe(
    `SELECT FROM pg_locks WHERE locktype = 'advisory' AND (classid::bigint << 32) + objid::bigint = ${lockKey}
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )
  return found.length > 0
}

/** The same for SQLite, under its write lock. Throws SQLITE_BUSY while another process holds that. */
export const migrateSQLite = (
  database: SQLite,
  steps: readonly Migration[] = migrations.sqlite,
  setUp: SetUp = atStart,
): void => {
  const tables = database.query<Named, []>(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
  const needed = () => {
    const existing = tables.all()
    const applied = hasLedger(existing) ? database.query<Named, []>(ledgerQuery).all() : []
    return missing(steps, applied, existing, setUp)
  }
  const found = needed()
  if (found.length === 0) return
  const apply = database.transaction(() => {
    // Asked first, since what is missing depends on whether there is a ledger.
    const pending = needed()
    database.run(ledger("strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"))
    for (const step of pending) {
      for (const statement of statementsOf(step)) database.run(statement)
      database.run('INSERT OR REPLACE INTO schema_migrations (name) VALUES (?)', [step.name])
    }
  })
  reported(found, setUp, () => apply.immediate())
}
