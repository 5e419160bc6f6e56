import type { DrizzleSQLiteSnapshotJSON as Snapshot } from 'drizzle-kit/api'
import { breakpoint } from '../database/migrations/breakpoint'

/** Makes a statement repeatable, so that a missing table can be recreated while others exist. */
const repeatable = (statement: string) =>
  statement
    .replace(/^CREATE TABLE (?!IF NOT EXISTS)/, 'CREATE TABLE IF NOT EXISTS ')
    .replace(/^CREATE (UNIQUE )?INDEX (?!IF NOT EXISTS)/, 'CREATE $1INDEX IF NOT EXISTS ')
    .replace(/^(ALTER TABLE "\w+" ADD COLUMN) (?!IF NOT EXISTS)/, '$1 IF NOT EXISTS ')
    .replace(/^(ALTER TABLE "\w+") (ADD CONSTRAINT ("\w+"))/, '$1 DROP CONSTRAINT IF EXISTS $3, $2')
    .replace(/^DROP (INDEX|TABLE) (?!IF EXISTS)/, 'DROP $1 IF EXISTS ')

interface Tables {
  tables: Record<string, { name: string; indexes: object }>
}

/** Names the table of an index that is dropped, since a missing table is recreated by the statements that name it. */
const withTableName = (statement: string, { tables }: Tables) => {
  const [, index = ''] = /^DROP INDEX ["`](\w+)/.exec(statement) ?? []
  const table = Object.values(tables).find(({ indexes }) => index in indexes)
  return table ? `-- Drops an index of "${table.name}".\n${repeatable(statement)}` : repeatable(statement)
}

/** The text of a migration that changes the tables of a snapshot. */
export const toText = (statements: readonly string[], from: Tables) =>
  `${statements.map((statement) => withTableName(statement, from)).join(`\n${breakpoint}\n`)}\n`

interface Column {
  name: string
  notNull: boolean
  default?: unknown
}

const columnsOf = ({ tables }: Snapshot, table: string): Record<string, Column> =>
  tables[table]?.columns ?? {}

const replacement = /^(CREATE TABLE|INSERT INTO) `__new_(\w+)`/

/**
 * To change a column in SQLite, the rows are copied into a new table. drizzle-kit also selects columns that
 * the old table lacks, which SQLite reads as string literals, and does not carry over the sequence of ids.
 * The pragma around these statements has no effect in a transaction: `migrateSQLite` sets it.
 */
export const preserveRows = (statements: string[], from: Snapshot, to: Snapshot) =>
  statements
    .filter((statement) => !/^PRAGMA foreign_keys/i.test(statement))
    .flatMap((statement) => {
      const [, verb, table] = replacement.exec(statement) ?? []
      if (table === undefined) return [statement]
      // A missing table is recreated by the statements that name it. One may be left of an earlier replacement.
      if (verb === 'CREATE TABLE')
        return [`-- Replaces \`${table}\`.\nDROP TABLE IF EXISTS \`__new_${table}\`;\n${statement}`]
      const kept = Object.keys(columnsOf(from, table)).filter((name) => name in columnsOf(to, table))
      const list = kept.map((name) => `\`${name}\``).join(', ')
      return [
        `INSERT INTO sqlite_sequence (name, seq) SELECT '__new_${table}', seq FROM sqlite_sequence WHERE name = '${table}';`,
        `INSERT INTO \`__new_${table}\` (${list}) SELECT ${list} FROM \`${table}\`;`,
      ]
    })

/**
 * A new column of an existing table that cannot be added to rows that exist: it has no default and
 * allows no null, or its default is an expression, which SQLite refuses.
 */
export const unusableColumn = (from: Snapshot, to: Snapshot): string | undefined => {
  for (const table of Object.keys(from.tables))
    for (const { name, notNull, default: value } of Object.values(columnsOf(to, table))) {
      const isNew = !(name in columnsOf(from, table))
      const isExpression = typeof value === 'string' && value.startsWith('(')
      if (isNew && ((notNull && value === undefined) || isExpression)) return `${table}.${name}`
    }
  return undefined
}
