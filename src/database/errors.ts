/** The database cannot serve now: it is unavailable, starting, overloaded or too slow. The cause is for the log. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
  constructor(options?: ErrorOptions) {
    super('The database is not available.', options)
  }
}

/** The statement was never sent, so sending it later cannot execute it twice. */
export class StatementNotSent extends DatabaseUnavailable {
  override name = 'StatementNotSent'
}

/** A row refers to one that does not exist, or no longer does. */
export class ForeignKeyViolation extends Error {
  override name = 'ForeignKeyViolation'
}

/** A result that does not match its statement: rows are missing, or belong to another user. */
export class ResultMismatch extends Error {
  override name = 'ResultMismatch'
}

/** Error codes of Node, Bun and postgres.js for connections that failed to open, or broke. */
const connectionLost = new Set([
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'DNS_ENOTFOUND',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ERR_SOCKET_CLOSED',
  'ETIMEDOUT',
  'FailedToOpenSocket',
])

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: classes 08, 28, 3D, 53, 57P and 58. */
const outageClasses = /^(08...|28...|3D...|53...|57P..|58...)$/

/** Temporary conditions outside those classes: read-only, cancelled, lock not available. */
const otherOutageStates = new Set(['25006', '57014', '55P03'])

/** Classes of rejected logins, which fail until the password, the user or the database is changed. */
const loginRejected = /^(28|3D)...$/

/** The server has rolled these back, so they may be retried: cancelled, serialization failure, deadlock. */
const rolledBack = new Set(['57014', '40001', '40P01'])

/** The server no longer has the prepared statement, or its result type has changed. */
const stalePlans = new Set(['26000', '0A000'])

const sqliteOutage =
  /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOTADB|CORRUPT|PERM|AUTH|NOMEM|PROTOCOL)/

const codesOf = function* (error: unknown): Generator<string> {
  for (let link = error; link instanceof Error; link = link.cause)
    if ('code' in link && typeof link.code === 'string') yield link.code
}

const someCode = (error: unknown, test: (code: string) => boolean) => codesOf(error).some(test)

/** Whether a statement has to be prepared again. It was not executed. */
export const isStalePlan = (error: unknown) => someCode(error, (code) => stalePlans.has(code))

/** Whether the connection was lost while the statement was in flight. */
const isConnectionLost = (error: unknown) =>
  someCode(error, (code) => connectionLost.has(code) || code.startsWith('08') || code.startsWith('57P'))

/** Whether the server rejected the login, so that an immediate retry is pointless. */
export const isLoginRejected = (error: unknown) => someCode(error, (code) => loginRejected.test(code))

/** Whether the server lacks resources: connections, memory or room on its disk (class 53). */
export const isServerFull = (error: unknown) => someCode(error, (code) => code.startsWith('53'))

const wasRolledBack = (error: unknown) => someCode(error, (code) => rolledBack.has(code))

/** Whether a statement may be retried: it was never sent, the server has rolled it back, or it only reads. */
export const isRetryable = (error: unknown, isReadOnly: boolean) =>
  error instanceof StatementNotSent ||
  isStalePlan(error) ||
  wasRolledBack(error) ||
  (isReadOnly && isConnectionLost(error))

/** Whether SQLite is held by another connection at this moment. */
export const isBusy = (error: unknown) =>
  someCode(error, (code) => code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))

/** Translates a driver's error into a domain error, by the codes in its chain of causes. */
export const toDomainError = (error: unknown): unknown => {
  if (error instanceof DatabaseUnavailable) return error
  if (someCode(error, (code) => code === '23503' || code === 'SQLITE_CONSTRAINT_FOREIGNKEY'))
    return new ForeignKeyViolation('The row referred to does not exist.', { cause: error })
  const isOutage = someCode(
    error,
    (code) =>
      connectionLost.has(code) ||
      rolledBack.has(code) ||
      stalePlans.has(code) ||
      outageClasses.test(code) ||
      otherOutageStates.has(code) ||
      sqliteOutage.test(code),
  )
  return isOutage ? new DatabaseUnavailable({ cause: error }) : error
}
