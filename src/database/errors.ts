/** The database cannot serve now: it is unavailable, starting, overloaded or too slow. The cause is for the log. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
  constructor(options?: ErrorOptions) {
    super('The database is not available.', options)
  }
}

/** The same for a statement that never left this process, so that sending it later cannot run it twice. */
export class StatementNotSent extends DatabaseUnavailable {
  override name = 'StatementNotSent'
}

/** A row refers to one that does not exist (any more). */
export class ForeignKeyViolation extends Error {
  override name = 'ForeignKeyViolation'
}

/** A result that is not what its statement asked for: rows are missing, or belong to another user. */
export class ResultMismatch extends Error {
  override name = 'ResultMismatch'
}

/** Codes of a connection that could not be opened, or broke: those of Node, Bun and postgres.js. */
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
const sqlStateOfOutage = /^(08...|28...|3D...|53...|57P..|58...)$/

/** Single conditions outside those classes that pass: read-only, cancelled, lock. */
const sqlStatesOfOutage = new Set(['25006', '57014', '55P03'])

/** Classes of a login that fails until somebody changes the password, the user or the database. */
const loginRejected = /^(28|3D)...$/

/** The server rolled these back and says so, so they may run again: cancelled, serialization, deadlock. */
const rolledBack = new Set(['57014', '40001', '40P01'])

/** A prepared statement that the server has forgotten, or whose result has changed its type. */
const stalePlans = new Set(['26000', '0A000'])

const sqliteOutage =
  /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOTADB|CORRUPT|PERM|AUTH|NOMEM|PROTOCOL)/

const codesOf = function* (error: unknown): Generator<string> {
  for (let link = error; link instanceof Error; link = link.cause)
    if ('code' in link && typeof link.code === 'string') yield link.code
}

const someCode = (error: unknown, test: (code: string) => boolean) => codesOf(error).some(test)

/** Whether a prepared statement has to be prepared again; it was not run. */
export const isStalePlan = (error: unknown) => someCode(error, (code) => stalePlans.has(code))

/** Whether the connection broke, or was ended by the server, under the statement. */
export const isConnectionLost = (error: unknown) =>
  someCode(error, (code) => connectionLost.has(code) || code.startsWith('08') || code.startsWith('57P'))

/** Whether the server rejects the login itself, which trying again at once cannot change. */
export const isLoginRejected = (error: unknown) => someCode(error, (code) => loginRejected.test(code))

/** Whether the server admits no more connections, because it or the role has as many as it may have. */
export const isServerFull = (error: unknown) => someCode(error, (code) => code.startsWith('53'))

const wasRolledBack = (error: unknown) => someCode(error, (code) => rolledBack.has(code))

/**
 * Whether running a statement once more is harmless and may help: it was never sent, the server says
 * that it did not run, or it only reads.
 */
export const isRetryable = (error: unknown, isReadOnly: boolean) =>
  error instanceof StatementNotSent ||
  isStalePlan(error) ||
  wasRolledBack(error) ||
  (isReadOnly && isConnectionLost(error))

/** Whether SQLite is held by another connection at this moment. */
export const isBusy = (error: unknown) =>
  someCode(error, (code) => code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))

/** What a driver's error means to the service, decided by the codes along its chain of causes. */
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
      sqlStateOfOutage.test(code) ||
      sqlStatesOfOutage.has(code) ||
      sqliteOutage.test(code),
  )
  return isOutage ? new DatabaseUnavailable({ cause: error }) : error
}
