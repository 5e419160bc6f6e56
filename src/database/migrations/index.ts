import { breakpoint } from './breakpoint'
import { files } from './files'

export interface Migration {
  name: string
  statements: readonly string[]
}

/** Splits the texts of migrations, oldest first, into their statements. */
export const toMigrations = (texts: Readonly<Record<string, string>>): Migration[] =>
  Object.entries(texts).map(([name, text]) => ({ name, statements: text.split(breakpoint) }))

/** All migrations, oldest first. */
export const migrations = { postgres: toMigrations(files.postgres), sqlite: toMigrations(files.sqlite) }
