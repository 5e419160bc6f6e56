import type { Database } from 'bun:sqlite'
import { DatabaseUnavailable, isBusy, StatementNotSent, toDomainError } from '../errors'
import { migrateSQLite } from '../migrations/migrate-sqlite'
import { createBackoff, type Session, type SessionOptions } from '../session'
import type { Row, Statement } from '../statement'
import { type Deadline, remaining, retryMs } from '../time'
import { createTurns } from '../turns'
import { createExecute } from './execute'
import { identityOf, openFile, removeLog } from './file'
import { createGroupCommit } from './group-commit'

/** How long the result of a ping is reused, in milliseconds, so that frequent probes take no time from requests. */
const pingMs = 10

/** The pause before a statement that met a lock is tried again, in milliseconds. */
const busyMs = 10

type Options = SessionOptions & { path: string }

/** Access to a SQLite file, which is opened again if it cannot be opened, or is deleted. */
export const openSQLite = async ({ path, models, state, onMigration }: Options): Promise<Session> => {
  const withBackoff = createBackoff()
  const nextTurn = createTurns()
  let file: ReturnType<typeof openOnce> | undefined
  let isFirstConnection = true
  let failure: unknown
  let isClosed = false
  let waiting = 0
  let pingedAt = 0
  /** Files that are no longer at their path. They stay open, since closing one removes the log at that path. */
  const abandoned: Database[] = []

  const openOnce = () => {
    const database = openFile(path)
    try {
      migrateSQLite(database, models, { isFirstConnection, onMigration })
    } catch (error) {
      database.close()
      throw error
    }
    isFirstConnection = false
    const execute = createExecute(database, models)
    // Unlike SELECT 1, this reads the file.
    const read = database.query('SELECT name FROM sqlite_schema LIMIT 1')
    const identity = identityOf(path)
    return {
      database,
      identity,
      execute,
      write: createGroupCommit(database, execute),
      probe: () => read.get(),
    }
  }

  const keepOpening = async () => {
    if (isClosed) return
    try {
      file = await withBackoff(openOnce)
      state.connected()
    } catch (error) {
      lose(error)
      setTimeout(keepOpening, retryMs)
    }
  }

  const lose = (reason: unknown) => {
    file = undefined
    failure = reason
    state.disconnected(reason)
  }

  /** Throws if the file at the path is not the one that is open. */
  const checkIdentity = ({ database, identity }: NonNullable<typeof file>) => {
    const found = identityOf(path)
    if (found === identity) return
    abandoned.push(database)
    if (found !== undefined) {
      const advice = `stop the service, remove ${path}-wal and ${path}-shm if they are of the old file, and start it again`
      lose(new Error(`the SQLite file ${path} was replaced: to use the new one, ${advice}`))
      throw failure
    }
    lose(new Error(`the SQLite file ${path} was deleted`))
    setTimeout(keepOpening, retryMs)
    // What the log holds belongs into the file, wherever that is now, and not into the next one.
    database.run('PRAGMA wal_checkpoint(TRUNCATE)')
    removeLog(path)
    throw failure
  }

  /** Executes a statement, again and again until the deadline while another process holds a lock. */
  const patiently = async (statement: Statement, values: Row, deadline: Deadline) => {
    if (statement.isLong) await nextTurn()
    for (;;) {
      if (!file) throw new StatementNotSent(isClosed ? 'the service is stopping' : failure)
      if (remaining(deadline) === 0) throw new StatementNotSent('the statement got no turn in time')
      try {
        return statement.isRead ? file.execute(statement, values) : await file.write(statement, values)
      } catch (error) {
        if (isClosed) throw new DatabaseUnavailable({ cause: error })
        if (!isBusy(error)) throw toDomainError(error)
        if (remaining(deadline) <= busyMs) throw new StatementNotSent(error)
        await Bun.sleep(busyMs)
      }
    }
  }

  await keepOpening()

  return {
    // A synchronous statement is never active when this is called.
    stats: () => ({ active: 0, waiting, max: 1 }),

    async run(statement, values, deadline) {
      waiting++
      try {
        const rows = await patiently(statement, values, deadline)
        state.connected()
        return rows
      } finally {
        waiting--
      }
    },

    ping() {
      if (!file || performance.now() - pingedAt < pingMs) return state.isConnected()
      pingedAt = performance.now()
      try {
        file.probe()
        checkIdentity(file)
        state.connected()
      } catch (error) {
        if (file) state.disconnected(error)
      }
      return state.isConnected()
    },

    async close() {
      // Writes of this turn are committed first.
      await new Promise((resolve) => setImmediate(resolve))
      isClosed = true
      file?.database.close()
      file = undefined
    },
  }
}
