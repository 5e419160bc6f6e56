import type { ExecutionResult } from 'postgres'
import { DatabaseUnavailable, isMissingTable, isStalePlan, ResultMismatch } from '../errors'
import type { Row, Statement } from '../statement'
import { type Deadline, patienceMs, tickMs } from '../time'
import type { Client } from './client'

/** A statement on its way: it waits in the pool, or is in flight on one connection. */
export interface Job {
  statement: Statement
  values: Row
  parameters: unknown[]
  deadline: Deadline
  queuedAt: number
  /** How often it was sent and failed. */
  tries: number
  resolve(rows: Row[]): void
  reject(error: unknown): void
}

/** What the pool is told of a connection. */
export interface ConnectionEvents {
  onDone(job: Job, rows: Row[]): void
  onFailed(job: Job, error: unknown): void
  /** A statement had no answer by its deadline. */
  onLate(): void
  /** `isSilent` if it was closed because the server did not answer. */
  onClosed(connection: Connection, isSilent: boolean): void
}

/** How many statements may be in flight on one connection. */
const depth = 4
/** A statement with a longer text is alone on its connection, since the driver may have to wait to send it. */
const maxSharedText = 4096
/** How old a connection is that may have been opened before the database was recreated, in milliseconds. */
const recreatedAfterMs = 30_000

/** Members of a postgres.js query that its types lack. */
interface Query extends PromiseLike<ExecutionResult<unknown>> {
  prepared: boolean
  canceller(query: Query): Promise<void>
}

interface Flight {
  job: Job
  query: Query
  sentAt: number
  cancelledAt?: number
}

export type Connection = ReturnType<typeof createConnection>

/** The driver has mixed up results before, so the number of rows and their owner are checked. */
const check = ({ statement, values }: Job, rows: Row[], { columns, count }: ExecutionResult<unknown>) => {
  const expected = columns?.length ? count : 0
  if (rows.length !== expected)
    throw new ResultMismatch(`${rows.length} rows came back instead of ${expected} from: ${statement.sql}`)
  statement.checkOwner(rows, values)
}

/**
 * Sends statements over one open connection, and cancels those that are late.
 *
 * @param usualMs how long opening a connection takes.
 */
export const createConnection = (client: Client, usualMs: number, events: ConnectionEvents) => {
  const inFlight: Flight[] = []
  const prepared = new Set<Statement>()
  /** Whether others may be sent behind those in flight. */
  let isShared = false
  /** Whether it takes no more statements, and closes after the last one in flight. */
  let isRetired = false
  let isSilent = false
  const openedAt = performance.now()
  let lastAnswer = openedAt

  /** Those that are not prepared here would block those behind them. */
  const mayShare = ({ statement, parameters }: Job) =>
    client.prepares &&
    statement.mayShare &&
    prepared.has(statement) &&
    parameters.every((value) => typeof value !== 'string' || value.length <= maxSharedText)

  const settle = (flight: Flight, report: () => void) => {
    const index = inFlight.indexOf(flight)
    // It may have failed with its connection.
    if (index < 0) return
    inFlight.splice(index, 1)
    lastAnswer = performance.now()
    report()
    if (isRetired && inFlight.length === 0) client.close()
  }

  const onResult = (job: Job, rows: Row[], result: ExecutionResult<unknown>) => {
    prepared.add(job.statement)
    try {
      check(job, rows, result)
    } catch (mismatch) {
      client.close()
      return events.onFailed(job, mismatch)
    }
    events.onDone(job, rows)
  }

  const onError = (job: Job, error: unknown) => {
    // The driver would use the same plan again. A missing table may mean that the database was recreated empty,
    // which a new connection finds out.
    const isOld = performance.now() - openedAt > recreatedAfterMs
    isRetired ||= isStalePlan(error) || (isMissingTable(error) && isOld)
    events.onFailed(job, error)
  }

  /** Cancels what the server is executing. Not by query.cancel(), which drops a promise that may reject. */
  const cancel = ({ query }: Flight) => {
    query.canceller(query).catch(() => {})
    events.onLate()
    return performance.now()
  }

  const connection = {
    /** How many statements are in flight. */
    load: () => inFlight.length,

    /** When the server last answered, on the monotonic clock. */
    lastAnswer: () => lastAnswer,

    /** Whether a statement may be sent now: alone, or behind others that are quick and known. */
    accepts(job: Job): boolean {
      if (isRetired || client.isClosed()) return false
      const [first] = inFlight
      if (first === undefined) return true
      const isQuick = performance.now() - first.sentAt < tickMs
      return isShared && isQuick && inFlight.length < depth && mayShare(job)
    },

    send(job: Job) {
      isShared = mayShare(job)
      // The driver's own array of rows is not used: after a result that failed halfway its index is not reset.
      const rows: Row[] = []
      const query = client
        .sql(job.statement.template, ...(job.parameters as never[]))
        .forEach((row) => void rows.push(row)) as unknown as Query
      // A rejected plan the driver would prepare again by itself, between others in flight, and with parameters
      // that it has already converted: it stored true as false. It does so only for queries with this mark,
      // which it sets when it sends them, one microtask from now. See test/faults/prepared-anew.test.ts.
      queueMicrotask(() => {
        query.prepared = false
      })
      const flight = { job, query, sentAt: performance.now() }
      inFlight.push(flight)
      query.then(
        (result) => settle(flight, () => onResult(job, rows, result)),
        (error) => settle(flight, () => onError(job, error)),
      )
    },

    /**
     * Rejects late statements, cancels the first one, and closes the connection if that does not end. Those
     * behind it are cancelled when they are the first: postgres.js would deliver their results to the next ones.
     * A request to cancel that meets the next statement does no harm, since that is sent again.
     */
    enforceDeadlines(now: number) {
      for (const { job } of inFlight)
        if (job.deadline <= now)
          job.reject(new DatabaseUnavailable({ cause: new Error('a statement got no answer in time') }))
      const [first] = inFlight
      if (!first || first.job.deadline > now) return
      first.cancelledAt ??= cancel(first)
      // The request to cancel is sent over a connection of its own, which has to be opened first.
      if (now - first.cancelledAt < patienceMs + usualMs) return
      isSilent = true
      client.close()
    },

    close: client.close,
  }

  client.onClose(() => {
    // postgres.js does not settle queries that are sent between a socket's error and its close.
    const lost = Object.assign(new Error('the connection was lost'), { code: 'CONNECTION_CLOSED' })
    for (const { job } of inFlight.splice(0)) events.onFailed(job, lost)
    events.onClosed(connection, isSilent)
  })
  return connection
}
