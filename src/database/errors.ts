/** The database cannot serve now: it is unavailable, starting, overloaded or too slow. The cause is for the log. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
  constructor(options?: ErrorOptions) {
    super('The database is not available.', options)
  }
}

/** The same, and the statement was not executed: a write has stored nothing. */
export class StatementNotSent extends DatabaseUnavailable {
  override name = 'StatementNotSent'
  constructor(reason: unknown) {
    super({ cause: typeof reason === 'string' ? new Error(reason) : reason })
  }
}

/** A table has other columns than its model, so it is not one of the service, or was changed by hand. */
export class SchemaMismatch extends Error {
  override name = 'SchemaMismatch'
  constructor(table: string, column: string, expected: string, found: string) {
    super(`table ${table}, column ${column}: expected ${expected}, found ${found}`)
  }
}

/** A row refers to one that does not exist, or no longer does. */
export class ForeignKeyViolation extends Error {
  override name = 'ForeignKeyViolation'
}

/** A result that does not match its statement: rows are missing, or belong to another user. */
export class ResultMismatch extends Error {
  override name = 'ResultMismatch'
}

type Codes = (code: string) => boolean

/** The codes of Node, Bun and postgres.js for connections that failed to open, or broke. */
const lostByDriver: Codes = (code) =>
  /^(CONNECT_TIMEOUT|CONNECTION_(CLOSED|DESTROYED|ENDED)|ERR_SOCKET_CLOSED|FailedToOpenSocket)$/.test(code) ||
  /^(DNS_ENOTFOUND|ENOTFOUND|EAI_AGAIN|ENOENT|EPIPE|ETIMEDOUT|ECONN\w+|EHOST\w+|ENET\w+)$/.test(code)

// For those of Postgres see https://www.postgresql.org/docs/current/errcodes-appendix.html.

const connectionLost: Codes = (code) => lostByDriver(code) || /^(08...|57P..)$/.test(code)

/** The server has rolled these back: cancelled, serialization failure, deadlock. */
const rolledBack: Codes = (code) => /^(57014|40001|40P01)$/.test(code)

/** The server no longer has the prepared statement, or its result type has changed. It was not executed. */
const stalePlan: Codes = (code) => /^(26000|0A000)$/.test(code)

/**
 * What opening a connection fails with until somebody changes the password, the user, its rights or the
 * database. A pooler reports rejected logins as a violation of the protocol (08P01).
 */
const loginRejected: Codes = (code) => /^(28...|3D...|42501|55000|08P01)$/.test(code)

/** Outages: logins, resources, shutdown and system errors; read-only, and a lock that is not available. */
const outageOfPostgres: Codes = (code) => /^(28...|3D...|53...|58...|25006|55P03)$/.test(code)

const outageOfSQLite: Codes = (code) =>
  /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOTADB|CORRUPT|PERM|AUTH|NOMEM|PROTOCOL)/.test(code)

/** Whether an error, or one of its causes, has one of these codes. */
const has = (error: unknown, ...kinds: Codes[]): boolean => {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  return (typeof code === 'string' && kinds.some((test) => test(code))) || has(error.cause, ...kinds)
}

export const isStalePlan = (error: unknown) => has(error, stalePlan)

export const isMissingTable = (error: unknown) => has(error, (code) => code === '42P01')

/** Whether another attempt to connect is pointless until somebody corrects something. */
export const isRejected = (error: unknown) => error instanceof SchemaMismatch || has(error, loginRejected)

/** Whether a statement that was sent may be sent again: it was not executed, or it only reads. */
export const isRepeatable = (error: unknown, isRead: boolean) =>
  has(error, stalePlan, rolledBack) || (isRead && has(error, connectionLost))

/** Whether SQLite is held by another connection at this moment. */
export const isBusy = (error: unknown) => has(error, (code) => /^SQLITE_(BUSY|LOCKED)/.test(code))

/** Translates a driver's error into a domain error. */
export const toDomainError = (error: unknown): unknown => {
  if (error instanceof DatabaseUnavailable) return error
  if (has(error, (code) => code === '23503' || code === 'SQLITE_CONSTRAINT_FOREIGNKEY'))
    return new ForeignKeyViolation('The row referred to does not exist.', { cause: error })
  const isOutage = has(error, connectionLost, rolledBack, stalePlan, outageOfPostgres, outageOfSQLite)
  return isOutage ? new DatabaseUnavailable({ cause: error }) : error
}
