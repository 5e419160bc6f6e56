import type { Models } from '../models'
import { isRejected, StatementNotSent } from './errors'
import type { MigrationEvent } from './migrations/plan'
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
  /** Whether the database answers by a deadline. */
  ping(deadline: Deadline): Promise<boolean>
  /** Connections in use, waiting statements, and the maximum number of connections. */
  stats(): { active: number; waiting: number; max: number }
  close(): Promise<void>
}

/** The session of a DATABASE_URL that cannot be used, for the reason given. */
export const createUnusableSession = (reason: string, state: StateLog): Session => {
  state.disconnected(reason)
  return {
    run: () => Promise.reject(new StatementNotSent(reason)),
    ping: async () => false,
    stats: () => ({ active: 0, waiting: 0, max: 0 }),
    close: async () => {},
  }
}

export type State =
  /** `database` names the database, without a password. */
  { state: 'connected'; database: string } | { state: 'disconnected'; cause: unknown }

export type StateLog = ReturnType<typeof createStateLog>

/** The state of a session. Each change is reported once, an outage again if its cause has changed. */
export const createStateLog = (database: string, onChange: (state: State) => void) => {
  let isConnected = false
  let reported: string | undefined
  return {
    isConnected: () => isConnected,

    /** The reason of the outage at hand. */
    reason: () => reported,

    connected() {
      if (isConnected) return
      isConnected = true
      reported = undefined
      onChange({ state: 'connected', database })
    },

    disconnected(cause: unknown) {
      isConnected = false
      const reason = cause instanceof Error ? cause.message : String(cause)
      if (reason === reported) return
      reported = reason
      onChange({ state: 'disconnected', cause })
    },
  }
}

/** The longest pause after attempts that were rejected, in milliseconds. */
const maxPauseMs = 30_000

/**
 * Returns the function that makes an attempt. After one that was rejected, until somebody corrects something,
 * such as a password, the pauses become longer: meanwhile it throws the rejection again.
 */
export const createBackoff = () => {
  let pauseMs = 0
  let pausedUntil = 0
  let rejection: unknown

  const pause = (milliseconds: number) => {
    pauseMs = milliseconds
    pausedUntil = performance.now() + milliseconds
  }

  return async <T>(attempt: () => Promise<T> | T): Promise<T> => {
    if (performance.now() < pausedUntil) throw rejection
    // One attempt at a time.
    pause(pauseMs)
    try {
      const result = await attempt()
      pause(0)
      return result
    } catch (error) {
      rejection = error
      pause(isRejected(error) ? Math.min(2 * (pauseMs || retryMs), maxPauseMs) : 0)
      throw error
    }
  }
}
