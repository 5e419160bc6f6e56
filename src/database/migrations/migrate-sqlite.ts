import type { Database as SQLite } from 'bun:sqlite'
import { type Migration, migrations } from '.'
import { atStart, createLedger, ledgerName, ledgerQuery, namesOf, plan, report, type SetUp } from './plan'

/** Applies what is missing, under SQLite's write lock. Throws SQLITE_BUSY while another process holds that. */
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
