import type { Database as SQLite } from 'bun:sqlite'
import type { Sql } from 'postgres'
import { type Migration, migrations, tablesAfter } from '.'

export type MigrationEvent =
  | { event: 'started'; steps: readonly string[] }
  | { event: 'finished'; milliseconds: number }

/** How the schema is set up after connecting. */
export interface SetUp {
  /**
   * Whether to create missing tables whose migration is already in the ledger. A process does so on its first
   * connection only, because a table that is dropped later was dropped on purpose.
   */
  createMissingTables: boolean
  onMigration(event: MigrationEvent): void
}

const atStart: SetUp = { createMissingTables: true, onMigration: () => {} }

const ledgerName = 'schema_migrations'
const ledgerQuery = `SELECT name FROM ${ledgerName}`

const createLedger = (now: string) =>
  `CREATE TABLE IF NOT EXISTS ${ledgerName} (name text PRIMARY KEY, applied_at text NOT NULL DEFAULT (${now}))`

/** The migrations that are not in the ledger, and the statements that recreate missing tables. */
interface Plan {
  /** The names of the migrations that have not been applied, or only in part. */
  steps: string[]
  statements: string[]
}

/**
 * Plans which statements lead from the existing tables to the current schema. A missing table whose
 * migrations are in the ledger is recreated by their statements for that table. Statements of unknown tables
 * are run with them, so they must be repeatable.
 */
const plan = (
  steps: readonly Migration[],
  applied: ReadonlySet<string>,
  existing: ReadonlySet<string>,
  { createMissingTables }: SetUp,
): Plan => {
  const isEmpty = !existing.has(ledgerName)
  if (!createMissingTables && !isEmpty) return { steps: [], statements: [] }
  const missing = new Set([...tablesAfter(steps)].filter((table) => !existing.has(table)))
  const statementsOf = ({ name, statements }: Migration) => {
    if (!applied.has(name)) return statements
    if (missing.size === 0) return []
    return statements.filter(({ table }) => table === undefined || missing.has(table))
  }
  const needed = steps.map((step) => ({ name: step.name, statements: statementsOf(step) }))
  return {
    steps: needed.filter(({ statements }) => statements.length > 0).map(({ name }) => name),
    statements: needed.flatMap(({ statements }) => statements.map(({ sql }) => sql)),
  }
}

const namesOf = (rows: readonly { name: string }[]) => new Set(rows.map(({ name }) => name))

/** Reports that migrations have started, and, when they have finished, their duration. */
const report = ({ steps }: Plan, { onMigration }: SetUp) => {
  const start = performance.now()
  onMigration({ event: 'started', steps })
  return () => onMigration({ event: 'finished', milliseconds: Math.round(performance.now() - start) })
}

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

/** The same for SQLite, under its write lock. Throws SQLITE_BUSY while another process holds that. */
export const migrateSQLite = (
  database: SQLite,
  steps: readonly Migration[] = migrations.sqlite,
  setUp: SetUp = atStart,
): void => {
  const names = (query: string) => namesOf(database.query<{ name: string }, []>(query).all())
  const planNow = () => {
    const existing = names(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    const applied = existing.has(ledgerName) ? names(ledgerQuery) : new Set<string>()
    return plan(steps, applied, existing, setUp)
  }
  const planned = planNow()
  if (planned.statements.length === 0) return
  const finish = report(planned, setUp)
  const apply = database.transaction(() => {
    const { steps: pending, statements } = planNow()
    database.run(createLedger("strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"))
    for (const statement of statements) database.run(statement)
    for (const name of pending) database.run(`INSERT OR IGNORE INTO ${ledgerName} (name) VALUES (?)`, [name])
  })
  // A migration of SQLite may replace a table, and dropping the old one would delete the rows that refer to
  // it. Inside a transaction this pragma has no effect.
  database.run('PRAGMA foreign_keys = OFF')
  try {
    apply.immediate()
  } finally {
    database.run('PRAGMA foreign_keys = ON')
  }
  finish()
}
