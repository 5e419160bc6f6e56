import { Database } from 'bun:sqlite'
import { accessSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const pragmas = [
  // bun:sqlite is synchronous, so waiting for a lock inside SQLite would block the whole service.
  'busy_timeout = 0',
  'journal_mode = WAL',
  'synchronous = NORMAL',
  'foreign_keys = ON',
]

/**
 * Opens a SQLite file, or `:memory:`. A missing file and its folder are created, for their user alone. Throws an
 * error with the path, and what is in the way as its cause.
 */
export const openFile = (path: string): Database => {
  let database: Database | undefined
  try {
    if (path !== ':memory:') {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      accessSync(dirname(path), constants.W_OK | constants.X_OK)
      // For reading and writing. SQLite creates its log files with the same mode.
      closeSync(openSync(path, 'a+', 0o600))
    }
    database = new Database(path, { create: true, strict: true })
    for (const pragma of pragmas) database.run(`PRAGMA ${pragma}`)
    return database
  } catch (cause) {
    database?.close()
    throw new Error(`the SQLite file ${path} cannot be opened`, { cause })
  }
}

/** Identifies the file at a path, across volumes; undefined if there is none. */
export const identityOf = (path: string) => {
  try {
    const { dev, ino } = statSync(path)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}
