import { Database } from 'bun:sqlite'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Models } from '../../models'
import { DatabaseUnavailable, isBusy } from '../errors'
import { migrations } from '../migrations'
import { migrateSQLite } from '../migrations/migrate-sqlite'
import type { SetUp } from '../migrations/plan'
import type { PreparedStatement } from '../prepared-statement'
import type { Session } from '../session'
import { type Deadline, remaining } from '../time'
import { createTurns } from '../turns'
import { createExecutor } from './executor'
import { createGroupCommit } from './group-commit'

/** How long the result of a probe is reused, in milliseconds, so that frequent probes take no time from requests. */
const probeMs = 10

/** The pause before a statement that met a lock is retried, in milliseconds. */
const busyMs = 10

const pragmas = [
  // bun:sqlite is synchronous, so waiting for a lock inside SQLite would block the whole service.
  'busy_timeout = 0',
  'journal_mode = WAL',
  'synchronous = NORMAL',
  'foreign_keys = ON',
]

/** Opens a file (created, with its folder, if missing) or `:memory:`, with an up-to-date schema. */
export const connectSQLite = async (path: string, models: Models, setUp: SetUp): Promise<Session> => {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const database = new Database(path, { create: true, strict: true })
  try {
    for (const pragma of pragmas) database.run(`PRAGMA ${pragma}`)
    migrateSQLite(database, migrations.sqlite, setUp)
  } catch (error) {
    database.close()
    throw error
  }
  const { promise: lost, resolve: endSession } = Promise.withResolvers<unknown>()
  let probedAt = Number.NEGATIVE_INFINITY
  // Unlike SELECT 1, this reads the file.
  const read = database.query('SELECT name FROM sqlite_schema LIMIT 1')
  const identity = identityOf(path)
  // SQLite has created them by now, since the migrations have read the file.
  const sideFiles = ['-wal', '-shm'].map((suffix) => ({
    path: path + suffix,
    identity: identityOf(path + suffix),
  }))
  const probe = () => {
    read.get()
    if (identityOf(path) === identity) return
    // Writes to an unlinked file would be lost when the process ends.
    const cause = new Error('the file was deleted or replaced')
    endSession(cause)
    const left = sideFiles.filter((file) => file.identity && identityOf(file.path) === file.identity)
    // SQLite would apply to the new file what these hold of the old one, which gets it here, wherever it is now.
    if (left.length > 0) database.run('PRAGMA wal_checkpoint(TRUNCATE)')
    for (const file of left) rmSync(file.path)
    throw new DatabaseUnavailable({ cause })
  }

  const execute = createExecutor(database, models)
  const commit = createGroupCommit(database, execute)
  let waiting = 0
  let isClosed = false

  const nextTurn = createTurns()

  /** Retries until the deadline while another connection holds a lock. */
  const patiently = async (statement: PreparedStatement, parameters: unknown[], deadline: Deadline) => {
    if (statement.maxBytes !== undefined) {
      await nextTurn()
      if (remaining(deadline) === 0)
        throw new DatabaseUnavailable({ cause: new Error('the statement got no turn in time') })
    }
    for (;;)
      try {
        return statement.isReadOnly ? execute(statement, parameters) : await commit(statement, parameters)
      } catch (error) {
        if (isClosed) throw new DatabaseUnavailable({ cause: error })
        if (!isBusy(error) || remaining(deadline) <= busyMs) throw error
        await Bun.sleep(busyMs)
      }
  }

  return {
    lost,
    // A synchronous statement is never active when this is called.
    stats: () => ({ active: 0, waiting, max: 1 }),
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
      probe()
      probedAt = now
      return undefined
    },
    async close() {
      // Writes of this turn are committed first.
      await new Promise((resolve) => setImmediate(resolve))
      isClosed = true
      database.close()
    },
  }
}

/** Identifies the file at a path, across volumes; undefined if there is none. */
const identityOf = (path: string) => {
  try {
    const { dev, ino } = statSync(path)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}
