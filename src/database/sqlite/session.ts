import type { Database } from 'bun:sqlite'
import { rmSync } from 'node:fs'
import { isBusy, StatementNotSent, toDomainError } from '../errors'
import { migrateSQLite } from '../migrations/migrate-sqlite'
import { createBackoff, type Session, type SessionOptions } from '../session'
import type { Row, Statement } from '../statement'
import { createTurns, type Deadline, retryMs } from '../time'
import { createExecute } from './execute'
import { identityOf, openFile } from './file'
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
    const probe = database.query('SELECT name FROM sqlite_schema LIMIT 1')
    return {
      database,
      identity: identityOf(path),
      execute,
      write: createGroupCommit(database, (statement, values) => {
        // It was found missing while the write waited for its turn.
        if (abandoned.includes(database)) throw new StatementNotSent(failure)
        return execute(statement, values)
      }),
      probe,
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

  /** Whether the open file is still at its path. A deleted one is created again; one in its place is not touched. */
  const isInPlace = ({ database, identity }: NonNullable<typeof file>) => {
    const found = identityOf(path)
    if (found === identity) return true
    abandoned.push(database)
    if (found !== undefined) {
      const advice = `stop the service, remove ${path}-wal and ${path}-shm if they are of the old file, and start it again`
      lose(new Error(`the SQLite file ${path} was replaced: to use the new one, ${advice}`))
      return false
    }
    lose(new Error(`the SQLite file ${path} was deleted`))
    setTimeout(keepOpening, retryMs)
    // What the log holds belongs in the file, wherever that is now, and not into the next one.
    database.run('PRAGMA wal_checkpoint(TRUNCATE)')
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
    return false
  }

  /** Executes a statement, again and again until the deadline while another process holds a lock. */
  const patiently = async (statement: Statement, values: Row, deadline: Deadline) => {
    if (statement.isLong) await nextTurn()
    for (;;) {
      if (!file) throw new StatementNotSent(failure)
      if (performance.now() >= deadline) throw new StatementNotSent('the statement got no turn in time')
      try {
        return statement.isRead ? file.execute(statement, values) : await file.write(statement, values)
      } catch (error) {
        if (!isBusy(error)) throw toDomainError(error)
        if (performance.now() + busyMs >= deadline) throw new StatementNotSent(error)
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
        return await patiently(statement, values, deadline)
      } finally {
        waiting--
      }
    },

    async ping() {
      if (!file) return false
      if (performance.now() - pingedAt < pingMs) return state.isConnected()
      pingedAt = performance.now()
      try {
        if (isInPlace(file)) {
          file.probe.get()
          state.connected()
        }
      } catch (error) {
        state.disconnected(error)
      }
      return state.isConnected()
    },

    async close() {
      const open = file
      isClosed = true
      file = undefined
      failure = 'the service is stopping'
      // Writes of this turn are committed first.
      await new Promise((resolve) => setImmediate(resolve))
      open?.database.close()
    },
  }
}
