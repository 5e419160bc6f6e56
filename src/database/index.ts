import type { DatabaseConfig } from '../config'
import { defineModels, type Models } from '../models'
import type { Dialect } from '../models/dialects/postgres'
import type { BuiltQuery } from '../models/dialects/query'
import type { MigrationEvent, SetUp } from './migrations/plan'
import { prepareStatement, type Row, type RowsOf } from './prepared-statement'
import type { Session } from './session'
import { connectSQLite } from './sqlite/session'
import { type State, supervise } from './supervisor'
import { type Deadline, deadlineIn } from './time'

export { DatabaseUnavailable, ForeignKeyViolation, ResultMismatch } from './errors'
export type { State } from './supervisor'
export type { Deadline } from './time'

export type Prepared<Q extends BuiltQuery> = (values: Row, deadline: Deadline) => Promise<RowsOf<Q>>

export interface Database {
  readonly models: Models
  readonly dialect: Dialect
  /** The deadline of a request that starts now. */
  deadline(): Deadline
  /**
   * Renders a query once; each call runs it. If `owner` names a column, the query must be bound to it,
   * and no row of another owner is ever returned. Calls throw DatabaseUnavailable, ForeignKeyViolation
   * or ResultMismatch.
   */
  prepare<Q extends BuiltQuery>(query: Q, owner: string | null): Prepared<Q>
  /**
   * Whether the database answers in time: at once if it is embedded. Probes at the same moment share one
   * ping.
   */
  ping(): boolean | Promise<boolean>
  /** Whether it is connected, and how its connections are used; for metrics. */
  status(): { connected: boolean; active: number; waiting: number; max: number }
  close(): Promise<void>
}

/** /health answers within 1 s, and the rest of that second is left for the network. */
const healthPingMs = 800
/** The share of a request's time that is reserved for cancelling and answering. */
const reserve = 0.05

/**
 * Opens the database of a URL without waiting for it: the schema is created as soon as the
 * database can be reached; until then, and whenever it is unavailable, queries throw DatabaseUnavailable.
 * Throws UnpatchedDriver if Postgres cannot be used at all.
 */
export const open = async (
  config: DatabaseConfig,
  onChange: (state: State) => void = () => {},
  onMigration: (event: MigrationEvent) => void = () => {},
): Promise<Database> => {
  const dialect = await loadDialect(config)
  if (config.dialect === 'postgres') (await import('./postgres/driver')).requirePatchedDriver()
  const models = defineModels(dialect)
  const supervisor = supervise(
    (isFirst) => connect(config, models, { isFirstConnection: isFirst, onMigration }),
    onChange,
  )
  let pinging: Promise<boolean> | undefined

  return {
    models,
    dialect,
    deadline: () => deadlineIn(config.timeoutMs * (1 - reserve)),
    prepare<Q extends BuiltQuery>(query: Q, owner: string | null): Prepared<Q> {
      const statement = prepareStatement(query, owner)
      return (values, deadline) =>
        supervisor.query(statement, statement.parameters(values), deadline) as Promise<RowsOf<Q>>
    },
    ping() {
      if (pinging) return pinging
      const answer = supervisor.ping(healthPingMs)
      if (typeof answer === 'boolean') return answer
      pinging = answer.finally(() => {
        pinging = undefined
      })
      return pinging
    },
    status: supervisor.status,
    close: supervisor.close,
  }
}

/** Imports only one of them, so that the other one does not slow down start-up. */
const loadDialect = async (config: DatabaseConfig): Promise<Dialect> =>
  config.dialect === 'sqlite'
    ? (await import('../models/dialects/sqlite')).sqlite
    : (await import('../models/dialects/postgres')).postgres

const connect = async (config: DatabaseConfig, models: Models, setUp: SetUp): Promise<Session> => {
  if (config.dialect === 'sqlite') return connectSQLite(config.path, models, setUp)
  if (config.dialect === 'postgres') {
    // Not imported for SQLite, which does without the driver.
    const { connectPostgres } = await import('./postgres/session')
    return connectPostgres(config, setUp)
  }
  throw new Error(`DATABASE_URL ${config.reason}`)
}
