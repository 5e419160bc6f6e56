/** The database cannot serve now: away, starting, overloaded or too slow. The cause is for the log. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
  constructor(options?: ErrorOptions) {
    super('The database is not available.', options)
  }
}

/** A row refers to one that does not exist (any more). */
export class ForeignKeyViolation extends Error {
  override name = 'ForeignKeyViolation'
}

/** Codes of Node's sockets and of postgres.js for a server that cannot be reached. */
const unreachable = new Set([
  'CONNECT_TIMEOUT',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'ETIMEDOUT',
  // Bun's own name for a host name that does not resolve.
  'DNS_ENOTFOUND',
  'FailedToOpenSocket',
])

/** Codes of a connection that broke while a statement was under way. */
const broken = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNABORTED',
  'ECONNRESET',
  'EPIPE',
  'ERR_SOCKET_CLOSED',
])

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: classes 08, 53, 57P and 58. */
const sqlStateOfOutage = /^(08...|53...|57P..|58...)$/

/** Single conditions outside those classes that pass: read-only, cancelled, lock, log-in, schema. */
const sqlStatesOfOutage = new Set(['25006', '57014', '55P03', '28000', '28P01', '3D000', '42P01'])

/** The server undid these and says so, so they may run again: cancelled, serialization, deadlock. */
const undone = new Set(['57014', '40001', '40P01'])

/** A prepared statement that the server has forgotten, or whose result has changed its type. */
const stalePlans = new Set(['26000', '0A000'])

const sqliteOutage =
  /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOTADB|CORRUPT|PERM|AUTH|NOMEM|PROTOCOL)/

const codesOf = function* (error: unknown): Generator<string> {
  for (let link = error; link instanceof Error; link = link.cause)
    if ('code' in link && typeof link.code === 'string') yield link.code
}

const someCode = (error: unknown, test: (code: string) => boolean) => codesOf(error).some(test)

/** Whether the database, or the schema in it, was not there, so that nothing was done. */
export const isUnreachable = (error: unknown) =>
  someCode(error, (code) => unreachable.has(code) || code === '57P03' || code === '42P01')

/** Whether a prepared statement has to be prepared anew; it was not run. */
export const isStalePlan = (error: unknown) => someCode(error, (code) => stalePlans.has(code))

/** Whether the connection broke, or was ended by the server, under the statement. */
export const isBroken = (error: unknown) =>
  someCode(error, (code) => broken.has(code) || code.startsWith('08') || code.startsWith('57P'))

/** Whether the server was too full to open a connection, so that nothing was done. */
const isFull = (error: unknown) => someCode(error, (code) => code === '53300')

/** Whether a connection was not let in: by a full server, or by PgBouncer, which says 08P01 for all. */
export const isRefused = (error: unknown) => isFull(error) || someCode(error, (code) => code === '08P01')

const isUndone = (error: unknown) => someCode(error, (code) => undone.has(code))

/** Whether sending a statement once more is harmless and may help. */
export const mayRunAgain = (error: unknown, reads: boolean) =>
  isUnreachable(error) || isStalePlan(error) || isFull(error) || isUndone(error) || (reads && isBroken(error))

/** Whether SQLite is held by another connection at this moment. */
export const isBusy = (error: unknown) =>
  someCode(error, (code) => code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))

/** What a driver's error means to the service, told by codes along the chain of causes. */
export const meaningOf = (error: unknown): unknown => {
  if (error instanceof DatabaseUnavailable) return error
  if (someCode(error, (code) => code === '23503' || code === 'SQLITE_CONSTRAINT_FOREIGNKEY'))
    return new ForeignKeyViolation('The row referred to does not exist.', { cause: error })
  const isOutage = someCode(
    error,
    (code) =>
      unreachable.has(code) ||
      broken.has(code) ||
      undone.has(code) ||
      stalePlans.has(code) ||
      sqlStateOfOutage.test(code) ||
      sqlStatesOfOutage.has(code) ||
      sqliteOutage.test(code),
  )
  return isOutage ? new DatabaseUnavailable({ cause: error }) : error
}
