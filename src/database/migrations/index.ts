import { breakpoint } from './breakpoint'
import { files } from './files'

interface MigrationStatement {
  sql: string
  /** The table that it creates, changes or fills; undefined if unknown. */
  table?: string
}

export interface Migration {
  name: string
  statements: readonly MigrationStatement[]
}

const created = /\bcreate table(?: if not exists)?\s+["`]?(\w+)/gi
const dropped = /\bdrop table(?: if exists)?\s+["`]?(\w+)/gi
const renamed = /\balter table\s+["`]?(\w+)["`]?\s+rename to\s+["`]?(\w+)/gi

const target =
  /^\s*(?:create table(?: if not exists)?|(?:alter|drop) table(?: if exists)?|create (?:unique )?index .* on|insert into|update|delete from)\s+["`]?(\w+)/i

const withoutComments = (sql: string) => sql.replaceAll(/^\s*--.*$/gm, '')

/** Splits the texts of migrations, oldest first, into their statements. */
export const toMigrations = (texts: Readonly<Record<string, string>>): Migration[] => {
  /** The final names of tables. To change a column in SQLite, a new table takes the name of the old one. */
  const finalNames = new Map<string, string>()
  const toStatement = (sql: string): MigrationStatement => {
    const code = withoutComments(sql)
    for (const [, from = '', to = ''] of code.matchAll(renamed))
      finalNames.set(from, finalNames.get(to) ?? to)
    const table = target.exec(code)?.[1]
    return { sql, table: table && (finalNames.get(table) ?? table) }
  }
  // The last statement first, so that each one knows the renames that follow it, and no others.
  return Object.entries(texts)
    .reverse()
    .map(([name, text]) => ({
      name,
      statements: text.split(breakpoint).reverse().map(toStatement).reverse(),
    }))
    .reverse()
}

/** All migrations, oldest first. */
export const migrations = { postgres: toMigrations(files.postgres), sqlite: toMigrations(files.sqlite) }

/** The tables that exist after all of these migrations. */
export const tablesAfter = (steps: readonly Migration[]): Set<string> => {
  const tables = new Set<string>()
  for (const statement of steps.flatMap(({ statements }) => statements)) {
    const sql = withoutComments(statement.sql)
    for (const [, name = ''] of sql.matchAll(created)) tables.add(name)
    for (const [, name = ''] of sql.matchAll(dropped)) tables.delete(name)
    for (const [, from = '', to = ''] of sql.matchAll(renamed)) {
      tables.delete(from)
      tables.add(to)
    }
  }
  return tables
}
