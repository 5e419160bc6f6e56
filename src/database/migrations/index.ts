import { breakpoint } from './breakpoint'
import { files } from './files'

/** Splits the texts of migrations, oldest first, into their statements. */
export const toMigrations = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([name, text]) => ({ name, statements: text.split(breakpoint) }))

export type Migration = ReturnType<typeof toMigrations>[number]

/** All migrations, oldest first. */
export const migrations = { postgres: toMigrations(files.postgres), sqlite: toMigrations(files.sqlite) }
