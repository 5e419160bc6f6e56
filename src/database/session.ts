import type { Models } from '../models'
import { isRejected, StatementNotSent } from './errors'
import type { MigrationEvent } from './migrations/plan'
import type { StateLog } from './state'
import type { Row, Statement } from './statement'
import { type Deadline, retryMs } from './time'

export interface SessionOptions {
  models: Models
  state: StateLog
  onMigration(event: MigrationEvent): void
}

/** Access to a database that connects by itself, and again after an outage. */
export interface Session {
  /**
   * Returns the rows of a statement. Throws DatabaseUnavailable by the deadline (StatementNotSent if it was not
   * executed), ForeignKeyViolation, ResultMismatch, or what the driver throws.
   */
  run(statement: Statement, values: Row, deadline: Deadline): Promise<Row[]>
  /** Whether the database answers by a deadline: at once if it is embedded. */
  ping(deadline: Deadline): boolean | Promise<boolean>
  /** Connections in use, waiting statements, and the maximum number of connections. */
  stats(): { active: number; waiting: number; max: number }
  close(): Promise<void>
}

/** The session of a DATABASE_URL that cannot be used, for the reason given. */
export const createUnusableSession = (reason: Error, state: StateLog): Session => {
  state.disconnected(reason)
  return {
    run: () => Promise.reject(new StatementNotSent(reason)),
    ping: () => false,
    stats: () => ({ active: 0, waiting: 0, max: 0 }),
    close: async () => {},
  }
}

/** The longest pause after attempts that were rejected, in milliseconds. */
const maxPauseMs = 30_000

/**
 * Returns the function that makes an attempt. After one that was rejected, until somebody corrects something,
 * such as a password, the pauses become longer: meanwhile it throws the rejection again.
 */
export const createBackoff = () => {
  let rejections = 0
  let blockedUntil = 0
  let rejection: unknown

  const block = () => {
    blockedUntil = performance.now() + Math.min(retryMs * 2 ** rejections, maxPauseMs)
  }

  return async <T>(attempt: () => Promise<T> | T): Promise<T> => {
    if (rejections > 0 && performance.now() < blockedUntil) throw rejection
    // One attempt at a time.
    if (rejections > 0) block()
    try {
      const result = await attempt()
      rejections = 0
      return result
    } catch (error) {
      rejections = isRejected(error) ? rejections + 1 : 0
      rejection = error
      block()
      throw error
    }
  }
}
