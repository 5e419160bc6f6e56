import type { PreparedStatement, Row } from './prepared-statement'
import type { Deadline } from './time'

/** A working connection to a database: a pool of Postgres connections, or an open SQLite file. */
export interface Session {
  query(statement: PreparedStatement, parameters: unknown[], deadline: Deadline): Promise<Row[]>
  /**
   * Resolves, or returns if no waiting is needed, when the database answers within a time limit, in
   * milliseconds. Rejects or throws at the limit at the latest.
   */
  ping(limitMs: number): Promise<void> | undefined
  close(): Promise<void>
  /** Connections in use, waiting statements, and the maximum number of connections. */
  stats(): { active: number; waiting: number; max: number }
  /** Resolves with the cause once the session can no longer serve. */
  readonly lost: Promise<unknown>
}
