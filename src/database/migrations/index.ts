import { files } from './files'

export interface MigrationStatement {
  sql: string
  /** The table that it creates, changes or fills; undefined if unknown. */
  table?: string
}

export interface Migration {
  name: string
  statements: readonly MigrationStatement[]
}

/** drizzle-kit's separator between the statements of a migration. */
export const breakpoint = '--> statement-breakpoint'

const created = /\bcreate table(?: if not exists)?\s+["`]?(\w+)/gi
const dropped = /\bdrop table(?: if exists)?\s+["`]?(\w+)/gi
const renamed = /\balter table\s+["`]?(\w+)["`]?\s+rename to\s+["`]?(\w+)/gi

const target =
  /^\s*(?:create table(?: if not exists)?|(?:alter|drop) table(?: if exists)?|create (?:unique )?index .* on|insert into|update|delete from)\s+["`]?(\w+)/i

const withoutComments = (sql: string) => sql.replaceAll(/^\s*--.*$/gm, '')

/** Splits a migration into its statements. */
export const toMigration = (name: string, sql: string): Migration => {
  // To change a column in SQLite, a new table takes the name of the old one.
  const finalNames = new Map([...sql.matchAll(renamed)].map(([, from = '', to = '']) => [from, to]))
  const tableOf = (statement: string) => {
    const table = target.exec(withoutComments(statement))?.[1]
    return table && (finalNames.get(table) ?? table)
  }
  return { name, statements: sql.split(breakpoint).map((part) => ({ sql: part, table: tableOf(part) })) }
}

const toMigrations = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([name, sql]) => toMigration(name, sql))

/** All migrations, oldest first. */
export const migrations = { postgres: toMigrations(files.postgres), sqlite: toMigrations(files.sqlite) }

/** The tables that exist after all of these migrations. */
export const tablesAfter = (steps: readonly Migration[]): Set<string> => {
  const tables = new Set<string>()
  for (const { sql } of steps.flatMap(({ statements }) => statements)) {
    for (const [, name = ''] of sql.matchAll(created)) tables.add(name)
    for (const [, name = ''] of sql.matchAll(dropped)) tables.delete(name)
    for (const [, from = '', to = ''] of sql.matchAll(renamed)) {
      tables.delete(from)
      tables.add(to)
    }
  }
  return tables
}
