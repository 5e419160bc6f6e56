import type { ExecutionResult } from 'postgres'
import { DatabaseUnavailable, isStalePlan, ResultMismatch } from '../errors'
import type { PreparedStatement, Row } from '../prepared-statement'
import { type Deadline, remaining } from '../time'
import type { Client } from './client'

/**
 * Longest wait for a cancelled statement to end, in milliseconds, beside the time that it takes to open
 * the connection over which it is cancelled. After that the connection counts as silent.
 */
const cancelMs = 500

/** What a query of postgres.js has beside its promise, and its types leave out. */
interface Query {
  /** Whether the server's next answer is for this query. */
  active: boolean
  canceller(query: Query): Promise<void>
  forEach(onRow: (row: Row) => void): Promise<ExecutionResult<unknown>>
}

interface Running {
  query: Query
  deadline: Deadline
  reject(cause: Error): void
  /** When a statement that was cancelled has to be over. */
  overBy?: Deadline
}

export interface ConnectionOptions {
  /** Whether the server keeps prepared statements from one to the next. */
  prepare: boolean
  /** How many statements may be in flight at once. */
  depth: number
  /** Called whenever a statement is over. */
  onSettled(): void
  /** Called when a statement has had no answer by its deadline. */
  onLate(): void
}

export type Connection = ReturnType<typeof createConnection>

const late = () => new DatabaseUnavailable({ cause: new Error('a statement got no answer in time') })

const lost = (cause?: unknown) =>
  Object.assign(new Error('the connection was lost', { cause }), { code: 'CONNECTION_CLOSED' })

/** The driver has mixed up answers before: as many rows as the server says, and its owner's alone. */
const check = (
  statement: PreparedStatement,
  parameters: unknown[],
  rows: Row[],
  result: ExecutionResult<unknown>,
) => {
  const expected = result.columns?.length ? result.count : 0
  if (rows.length !== expected)
    throw new ResultMismatch(`${rows.length} rows came back instead of ${expected} from: ${statement.sql}`)
  statement.checkOwner(rows, parameters)
}

/**
 * One open connection with a few statements in flight, which the server runs in the order of sending.
 * postgres.js has neither a deadline for queries nor a cure for a connection that hangs, so both are
 * here: at its deadline a statement is rejected, and if the server then still runs it, cancelled there.
 */
export const createConnection = (client: Client, options: ConnectionOptions) => {
  const inFlight: Running[] = []
  const settings = { prepare: options.prepare }
  let isExclusive = false
  let firstBefore: Running | undefined
  let isStalled = false
  let lastAnswer = performance.now()

  client.onClose(() => {
    // postgres.js does not answer what was sent between an error of the socket and its end.
    for (const { reject } of inFlight.splice(0)) reject(lost())
    options.onSettled()
  })

  const remove = (statement: Running) => {
    const index = inFlight.indexOf(statement)
    if (index >= 0) inFlight.splice(index, 1)
    isStalled = false
  }

  /**
   * Cancels the statement that the server runs, and no other: postgres.js delivers the answer to one
   * that was cancelled in the pipeline to the next. Those behind it are cancelled in their turn.
   * Not by query.cancel(): it drops the promise, whose rejection would then end the process.
   */
  const cancel = (first: Running, now: number) => {
    first.overBy = now + cancelMs + client.openedInMs
    options.onLate()
    if (first.query.active) first.query.canceller(first.query).catch(() => {})
  }

  return {
    inFlight: () => inFlight.length,

    isClosed: () => client.isClosed,

    /** When the server last answered, on the monotonic clock. */
    lastAnswer: () => lastAnswer,

    accepts({ mayBlockOnLocks }: PreparedStatement): boolean {
      if (inFlight.length === 0) return true
      return !mayBlockOnLocks && !isExclusive && !isStalled && inFlight.length < options.depth
    },

    /**
     * Returns the rows. Throws DatabaseUnavailable at the deadline, ResultMismatch, or what postgres.js
     * throws.
     */
    send(statement: PreparedStatement, parameters: unknown[], deadline: Deadline): Promise<Row[]> {
      isExclusive = statement.mayBlockOnLocks
      return new Promise((resolve, reject) => {
        const run = (mayRepeat: boolean) => {
          // Not the driver's array of rows: it goes on counting after a result that failed halfway.
          const rows: Row[] = []
          const query = client.sql.unsafe(statement.sql, parameters as never[], settings) as unknown as Query
          const running = { query, deadline, reject }
          inFlight.push(running)
          const fail = (error: unknown) => {
            remove(running)
            if (error instanceof ResultMismatch) client.close()
            const isRepeated = mayRepeat && isStalePlan(error) && !client.isClosed && remaining(deadline) > 0
            if (isRepeated) return run(false)
            options.onSettled()
            reject(error)
          }
          query
            .forEach((row) => {
              rows.push(row)
            })
            .then((result) => {
              remove(running)
              lastAnswer = performance.now()
              try {
                check(statement, parameters, rows, result)
              } catch (mismatch) {
                return fail(mismatch)
              }
              options.onSettled()
              resolve(rows)
            }, fail)
        }
        run(true)
      })
    },

    /** Ends what is late; to be called every few milliseconds while statements are in flight. */
    check(now: number) {
      const [first] = inFlight
      isStalled = first !== undefined && first === firstBefore
      firstBefore = first
      for (const { deadline, reject } of inFlight) if (deadline <= now) reject(late())
      if (!first || first.deadline > now) return
      if (first.overBy === undefined) cancel(first, now)
      else if (first.overBy <= now) client.close()
    },

    close: client.close,
  }
}
