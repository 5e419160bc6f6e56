/** The database cannot serve now: it is unavailable, starting, overloaded or too slow. The cause is for the log. */
export class DatabaseUnavailable extends Error {
  constructor(options: ErrorOptions) {
    super('The database is not available.', options)
  }
}

/** The same, and the statement was not executed: a write has stored nothing. */
export class StatementNotSent extends DatabaseUnavailable {
  constructor(cause: unknown) {
    super({ cause })
  }
}

/** A table has other columns than its model, so it is not one of the service, or was changed by hand. */
export class SchemaMismatch extends Error {
  constructor(table: string, column: string, expected: string, found: string) {
    super(`table ${table}, column ${column}: expected ${expected}, found ${found}`)
  }
}

/** A row refers to one that does not exist, or no longer does. */
export class ForeignKeyViolation extends Error {}

/** A result that does not match its statement: rows are missing, or belong to another user. */
export class ResultMismatch extends Error {}

// The codes of Postgres are explained at https://www.postgresql.org/docs/current/errcodes-appendix.html.

/** Connections that failed to open, or broke: the codes of postgres.js and Bun, of sockets, and of Postgres. */
const connectionLost = [
  /^(CONNECT_TIMEOUT|CONNECTION_(CLOSED|DESTROYED|ENDED)|ERR_SOCKET_CLOSED|FailedToOpenSocket)$/,
  /^(DNS_ENOTFOUND|ENOTFOUND|EAI_AGAIN|ENOENT|EPIPE|ETIMEDOUT|ECONN\w+|EHOST\w+|ENET\w+)$/,
  /^(08...|57P..)$/,
]

/** The server has rolled these back: cancelled, serialization failure, deadlock. */
const rolledBack = /^(57014|40001|40P01)$/

/** The server no longer has the prepared statement, or its result type has changed. It was not executed. */
const stalePlan = /^(26000|0A000)$/

/**
 * What opening a connection fails with until somebody changes the password, the user, its rights or the
 * database. A pooler reports rejected logins as a violation of the protocol (08P01).
 */
const loginRejected = /^(28...|3D...|42501|55000|08P01)$/

/** Outages: logins, resources, shutdown and system errors; read-only, and a lock that is not available. */
const outageOfPostgres = /^(28...|3D...|53...|58...|25006|55P03)$/

const outageOfSQLite =
  /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOTADB|CORRUPT|PERM|AUTH|NOMEM|PROTOCOL)/

/** Whether an error, or one of its causes, has one of these codes. */
const has = (error: unknown, ...codes: RegExp[]): boolean => {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return codes.some((pattern) => pattern.test(code)) || has(error.cause, ...codes)
}

export const isStalePlan = (error: unknown) => has(error, stalePlan)

export const isMissingTable = (error: unknown) => has(error, /^42P01$/)

/** Whether a connection was closed by somebody, rather than refused. */
export const isCutOff = (error: unknown) => has(error, /^(57P01|CONNECTION_CLOSED|ECONNRESET|EPIPE)$/)

/** Whether another attempt to connect is pointless until somebody corrects something. */
export const isRejected = (error: unknown) => error instanceof SchemaMismatch || has(error, loginRejected)

/** Whether a statement that was sent may be sent again: it was not executed, or it only reads. */
export const isRepeatable = (error: unknown, isRead: boolean) =>
  has(error, stalePlan, rolledBack) || (isRead && has(error, ...connectionLost))

/** Whether SQLite is held by another connection at this moment. */
export const isBusy = (error: unknown) => has(error, /^SQLITE_(BUSY|LOCKED)/)

/** Translates a driver's error into a domain error. */
export const toDomainError = (error: unknown): unknown => {
  if (has(error, /^(23503|SQLITE_CONSTRAINT_FOREIGNKEY)$/))
    return new ForeignKeyViolation('The row referred to does not exist.', { cause: error })
  const isOutage = has(error, ...connectionLost, rolledBack, stalePlan, outageOfPostgres, outageOfSQLite)
  return isOutage ? new DatabaseUnavailable({ cause: error }) : error
}
