import { Database, type SQLQueryBindings } from 'bun:sqlite'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { getTableColumns } from 'drizzle-orm'
import type { Models } from '../models'
import { isBusy } from './errors'
import { createGroupCommit } from './group-commit'
import { migrateSQLite } from './migrate'
import type { Row, Statement } from './statement'
import type { Session } from './supervisor'
import { type Deadline, remaining } from './time'

/** For how long a probe of the file serves those who ask next: each costs as much as a request. */
const probeMs = 10

/** Pause before a statement that met a lock is tried again. */
const busyMs = 10

const pragmas = [
  // bun:sqlite is synchronous: waiting for a lock inside SQLite would stop the whole service.
  'busy_timeout = 0',
  'journal_mode = WAL',
  'synchronous = NORMAL',
  'foreign_keys = ON',
]

/** Opens a file (made, with its folder, if missing) or `:memory:`, with an up-to-date schema. */
export const connectSQLite = async (path: string, models: Models): Promise<Session> => {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const database = new Database(path, { create: true, strict: true })
  try {
    for (const pragma of pragmas) database.run(`PRAGMA ${pragma}`)
    migrateSQLite(database)
  } catch (error) {
    database.close()
    throw error
  }
  const booleans = booleanColumns(models)
  // It reads the file, where a bare SELECT 1 would not.
  let probedAt = Number.NEGATIVE_INFINITY
  const probe = database.query('SELECT name FROM sqlite_schema LIMIT 1')

  const prepared = new Map<Statement, ReturnType<typeof database.query<Row, SQLQueryBindings[]>>>()
  const prepare = (statement: Statement) => {
    const made = database.query<Row, SQLQueryBindings[]>(statement.sql)
    prepared.set(statement, made)
    return made
  }

  const attempt = (statement: Statement, parameters: unknown[]) => {
    const rows = (prepared.get(statement) ?? prepare(statement)).all(...(parameters as SQLQueryBindings[]))
    for (const name of booleans)
      if (rows[0] && name in rows[0]) for (const row of rows) row[name] = row[name] === 1
    return rows
  }
  const commit = createGroupCommit(database, attempt)
  let waiting = 0

  /** Tries again while somebody else holds a lock, until the deadline. */
  const patiently = async (statement: Statement, parameters: unknown[], deadline: Deadline) => {
    for (;;)
      try {
        return statement.reads ? attempt(statement, parameters) : await commit(statement, parameters)
      } catch (error) {
        if (!isBusy(error) || remaining(deadline) <= busyMs) throw error
        await Bun.sleep(busyMs)
      }
  }

  return {
    lost: new Promise(() => {}),
    // One that runs is over before anybody can ask.
    use: () => ({ active: 0, waiting, max: 1 }),
    async query(statement, parameters, deadline) {
      waiting++
      try {
        return await patiently(statement, parameters, deadline)
      } finally {
        waiting--
      }
    },
    ping() {
      const now = performance.now()
      if (now - probedAt < probeMs) return undefined
      probe.get()
      probedAt = now
      return undefined
    },
    async close() {
      // What is to be committed in this turn goes first.
      await new Promise((resolve) => setImmediate(resolve))
      database.close()
    },
  }
}

/** SQLite has no booleans: the columns whose 0 and 1 mean them. */
const booleanColumns = (models: Models) => {
  const columns = Object.values(models).flatMap((table) => Object.values(getTableColumns(table)))
  return new Set(columns.filter(({ dataType }) => dataType === 'boolean').map(({ name }) => name))
}
