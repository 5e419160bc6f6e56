import type { DatabaseConfig } from '../config'
import { defineModels } from '../models'
import type { Dialect } from '../models/dialects/postgres'
import type { BuiltQuery } from '../models/dialects/query'
import type { MigrationEvent } from './migrations/plan'
import {
  createStateLog,
  createUnusableSession,
  type Session,
  type SessionOptions,
  type State,
} from './session'
import { prepareStatement, type Row, type RowsOf } from './statement'
import { type Deadline, deadlineIn } from './time'

export { DatabaseUnavailable, ForeignKeyViolation, ResultMismatch, StatementNotSent } from './errors'
export type { State } from './session'
export type { Deadline } from './time'

export type Prepared<Q extends BuiltQuery> = (values: Row, deadline: Deadline) => Promise<RowsOf<Q>>

export type Database = Awaited<ReturnType<typeof open>>

/** /health answers within 1 s, and the rest of that second is left for the network. */
const healthPingMs = 800
/** The share of a request's time that is reserved for cancelling and answering. */
const reserve = 0.05

/**
 * Opens the database of a URL without waiting for it: the schema is created as soon as the database can be
 * reached; until then, and whenever it is unavailable, queries throw DatabaseUnavailable.
 */
export const open = async (
  config: DatabaseConfig,
  onChange: (state: State) => void = () => {},
  onMigration: (event: MigrationEvent) => void = () => {},
) => {
  const dialect = await loadDialect(config)
  const models = defineModels(dialect)
  const state = createStateLog(nameOf(config), onChange)
  const session = await openSession(config, { models, state, onMigration })
  let pinging: Promise<boolean> | undefined

  return {
    models,
    dialect,
    /** The deadline of a request that starts now. */
    deadline: () => performance.now() + config.timeoutMs * (1 - reserve),
    /**
     * Renders a query once; each call runs it, as Session.run does. If `owner` names a column, the query must be
     * bound to it, and no row of another owner is ever returned.
     */
    prepare<Q extends BuiltQuery>(query: Q, owner: string | null): Prepared<Q> {
      const statement = prepareStatement(query, owner)
      return (values, deadline) => session.run(statement, values, deadline) as Promise<RowsOf<Q>>
    },
    /** Whether the database answers in time. Probes at the same moment share one ping. */
    ping() {
      pinging ??= session.ping(deadlineIn(healthPingMs)).finally(() => {
        pinging = undefined
      })
      return pinging
    },
    /** Whether it is connected, the reason if it is not, and how its connections are used. */
    status: () => ({ connected: state.isConnected(), reason: state.reason(), ...session.stats() }),
    close: session.close,
  }
}

/** The name of a database for the log. */
const nameOf = (config: DatabaseConfig) => {
  if (config.dialect === 'unknown') return 'none'
  if (config.dialect === 'sqlite') return config.path
  const { host, port, database } = config.location
  return `${host}:${port}/${database}`
}

// Only the dialect that is used is imported, so that the other one does not slow down start-up.

const loadDialect = async (config: DatabaseConfig): Promise<Dialect> =>
  config.dialect === 'sqlite'
    ? (await import('../models/dialects/sqlite')).sqlite
    : (await import('../models/dialects/postgres')).postgres

const openSession = async (config: DatabaseConfig, options: SessionOptions): Promise<Session> => {
  if (config.dialect === 'unknown')
    return createUnusableSession(`DATABASE_URL ${config.reason}`, options.state)
  if (config.dialect === 'sqlite')
    return (await import('./sqlite/session')).openSQLite({ ...options, path: config.path })
  return (await import('./postgres/session')).openPostgres({ ...options, ...config })
}
