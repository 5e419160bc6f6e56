import type { ExecutionResult } from 'postgres'
import { DatabaseUnavailable, isStalePlan, ResultMismatch, StatementNotSent } from '../errors'
import type { PreparedStatement, Row } from '../prepared-statement'
import { type Deadline, remaining } from '../time'
import type { Client } from './client'

/**
 * How long a cancelled statement may take to end, in milliseconds, in addition to the time for opening the
 * connection of the cancel request. After that the connection counts as dead.
 */
const cancelMs = 500

/** Members of a postgres.js query that its types lack. */
interface Query {
  /** Whether the next response of the server belongs to this query. */
  active: boolean
  /** Null until the query has been sent. */
  state: unknown
  canceller(query: Query): Promise<void>
  forEach(onRow: (row: Row) => void): Promise<ExecutionResult<unknown>>
}

interface Running {
  query: Query
  deadline: Deadline
  reject(cause: Error): void
  /** By when a cancelled statement has to end. */
  mustEndBy?: Deadline
}

export interface ConnectionOptions {
  /** Whether prepared statements survive from one query to the next. */
  prepare: boolean
  /** How many statements may be in flight at once. */
  depth: number
  /** Called whenever a statement has ended. */
  onSettled(): void
  /** Called when a statement has not been answered by its deadline. */
  onLate(): void
}

export type Connection = ReturnType<typeof createConnection>

const late = () => new DatabaseUnavailable({ cause: new Error('a statement got no response in time') })

const lost = (cause?: unknown) =>
  Object.assign(new Error('the connection was lost', { cause }), { code: 'CONNECTION_CLOSED' })

/** The driver has mixed up results before, so the number of rows and their owner are checked. */
const checkResult = (
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
 * An open connection with a few pipelined statements. postgres.js has neither query deadlines nor a remedy
 * for hung connections, so both are implemented here: at its deadline a statement is rejected, and cancelled
 * if the server is still executing it.
 */
export const createConnection = (client: Client, options: ConnectionOptions) => {
  const inFlight: Running[] = []
  const settings = { prepare: options.prepare }
  let mayBeBlocked = false
  let previousFirst: Running | undefined
  let isStalled = false
  let lastAnswer = performance.now()

  client.onClose(() => {
    // postgres.js does not settle queries that are sent between a socket's error and its close.
    for (const { query, reject } of inFlight.splice(0))
      reject(query.state === null ? new StatementNotSent({ cause: lost() }) : lost())
    options.onSettled()
  })

  const remove = (statement: Running) => {
    const index = inFlight.indexOf(statement)
    if (index >= 0) inFlight.splice(index, 1)
    isStalled = false
  }

  /**
   * Cancels the statement that the server is executing. If that ends before the request arrives, the next one is
   * cancelled instead, which the supervisor repeats. A statement that only waits is not cancelled before its turn:
   * postgres.js would deliver its result to the next one.
   * query.cancel() is not used, because it discards its promise, whose rejection would end the process.
   */
  const cancel = (first: Running, now: number) => {
    first.mustEndBy = now + cancelMs + client.openedInMs
    options.onLate()
    if (first.query.active) first.query.canceller(first.query).catch(() => {})
  }

  return {
    inFlight: () => inFlight.length,

    isClosed: () => client.isClosed,

    /** When the server last returned a result, on the monotonic clock. */
    lastAnswer: () => lastAnswer,

    accepts({ mayBlockOnLocks }: PreparedStatement): boolean {
      if (inFlight.length === 0) return true
      return !mayBlockOnLocks && !mayBeBlocked && !isStalled && inFlight.length < options.depth
    },

    /**
     * Returns the rows. Throws DatabaseUnavailable at the deadline, ResultMismatch, or what postgres.js
     * throws.
     */
    send(statement: PreparedStatement, parameters: unknown[], deadline: Deadline): Promise<Row[]> {
      mayBeBlocked = statement.mayBlockOnLocks
      return new Promise((resolve, reject) => {
        const run = (mayRepeat: boolean) => {
          // The driver's own array of rows is not used: after a result that failed halfway its index is not
          // reset.
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
                checkResult(statement, parameters, rows, result)
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

    /** Rejects and cancels late statements. Call it every few milliseconds while statements are in flight. */
    enforceDeadlines(now: number) {
      const [first] = inFlight
      isStalled = first !== undefined && first === previousFirst
      previousFirst = first
      for (const { deadline, reject } of inFlight) if (deadline <= now) reject(late())
      if (!first || first.deadline > now) return
      if (first.mustEndBy === undefined) cancel(first, now)
      else if (first.mustEndBy <= now) client.close()
    },

    close: client.close,
  }
}
