import { type Migration, tablesAfter } from '.'

export type MigrationEvent =
  | { event: 'started'; steps: readonly string[] }
  | { event: 'finished'; milliseconds: number }

/** How the schema is set up after connecting. */
export interface SetUp {
  /**
   * Whether the process connects for the first time. On later connections only a new database is set up. Any
   * other one stays as it is: a table that is missing by then was dropped on purpose.
   */
  isFirstConnection: boolean
  onMigration(event: MigrationEvent): void
}

export const atStart: SetUp = { isFirstConnection: true, onMigration: () => {} }

/** The table of the migrations that have been applied. */
export const ledgerName = 'schema_migrations'
export const ledgerQuery = `SELECT name FROM ${ledgerName}`

export const createLedger = (now: string) =>
  `CREATE TABLE IF NOT EXISTS ${ledgerName} (name text PRIMARY KEY, applied_at text NOT NULL DEFAULT (${now}))`

/** What has to be run: new migrations, and those that recreate missing tables. */
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
export const plan = (
  steps: readonly Migration[],
  applied: ReadonlySet<string>,
  existing: ReadonlySet<string>,
  { isFirstConnection }: SetUp,
): Plan => {
  const isNew = !existing.has(ledgerName)
  if (!isFirstConnection && !isNew) return { steps: [], statements: [] }
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

export const namesOf = (rows: readonly { name: string }[]) => new Set(rows.map(({ name }) => name))

/** Reports that migrations have started, and, when they have finished, their duration. */
export const report = ({ steps }: Plan, { onMigration }: SetUp) => {
  const start = performance.now()
  onMigration({ event: 'started', steps })
  return () => onMigration({ event: 'finished', milliseconds: Math.round(performance.now() - start) })
}
