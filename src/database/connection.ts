import type { Sql } from 'postgres'
import { DatabaseUnavailable, isRefused, isStalePlan } from './errors'
import type { Row, Statement } from './statement'
import { type Deadline, remaining } from './time'

/** Longest wait for a cancelled statement to end, in milliseconds. Beyond it the connection is stuck. */
const cancelMs = 500

/** How long a connection that the server did not let in is left alone, in milliseconds. */
const restMs = 500

/** What a query of postgres.js has beside its promise and its types leave out. */
interface Query extends Promise<Row[]> {
  /** Whether it was sent and its answer is the next to come. */
  active: boolean
  canceller(query: Query): Promise<void>
}

interface UnderWay {
  query: Query
  deadline: Deadline
  refuse(cause: Error): void
  /** When a statement that was cancelled has to be over. */
  overBy?: Deadline
}

export interface ConnectionOptions {
  /** Whether the server keeps prepared statements from one to the next. */
  prepare: boolean
  /** The most statements under way at once. */
  depth: number
  /** Told whenever a statement is over. */
  onAnswer(): void
  /** Told why the connection does not come back. */
  onStuck(cause: Error): void
}

export type Connection = ReturnType<typeof createConnection>

const late = () => new DatabaseUnavailable({ cause: new Error('a statement got no answer in time') })

/**
 * One connection with a few statements under way, which the server runs in the order of sending.
 * postgres.js has neither a deadline for queries nor a cure for a connection that hangs, so both
 * stand here: whoever waits is told at the deadline, and the statement that then still runs is
 * cancelled on the server. It takes a client of postgres.js with a single connection.
 */
export const createConnection = (client: Sql, options: ConnectionOptions) => {
  const underWay: UnderWay[] = []
  const settings = { prepare: options.prepare }
  let isExclusive = false
  let firstBefore: UnderWay | undefined
  let isStalled = false
  let refusedAt = 0
  let lastAnswer = performance.now()

  const remove = (statement: UnderWay) => {
    underWay.splice(underWay.indexOf(statement), 1)
    isStalled = false
  }

  /**
   * Cancels the statement that the server runs, and no other: postgres.js gives the answer to one
   * that was cancelled in the pipeline to the next. Those behind it are looked at in their turn.
   * Not by query.cancel(): it drops the promise, whose rejection would then end the process.
   */
  const cancel = (first: UnderWay, now: number) => {
    // Never sent: the connection does not open, and would be lost for ever if this were cancelled.
    if (!first.query.active) return options.onStuck(late())
    first.overBy = now + cancelMs
    first.query.canceller(first.query).catch(() => {})
  }

  return {
    /** How many statements are under way. */
    load: () => underWay.length,

    /** Whether the server did not let it in a short while ago. */
    isRefused: () => refusedAt > 0 && performance.now() - refusedAt < restMs,

    /** Since when nothing was heard of it. */
    quietSince: () => lastAnswer,

    takes({ isExclusive: wanted }: Statement): boolean {
      if (underWay.length === 0) return true
      return !wanted && !isExclusive && !isStalled && underWay.length < options.depth
    },

    /** Gives the rows, or throws DatabaseUnavailable by the deadline, or what postgres.js throws. */
    send(statement: Statement, parameters: unknown[], deadline: Deadline): Promise<Row[]> {
      isExclusive = statement.isExclusive
      return new Promise((resolve, refuse) => {
        const run = (mayRepeat: boolean) => {
          const query = client.unsafe(statement.sql, parameters as never[], settings) as unknown as Query
          const own = { query, deadline, refuse }
          underWay.push(own)
          query.then(
            (rows) => {
              remove(own)
              lastAnswer = performance.now()
              options.onAnswer()
              resolve(rows)
            },
            (error) => {
              remove(own)
              if (isRefused(error)) refusedAt = performance.now()
              if (mayRepeat && isStalePlan(error) && remaining(deadline) > 0) return run(false)
              options.onAnswer()
              refuse(error)
            },
          )
        }
        run(true)
      })
    },

    /** Ends what is late; to be called every few milliseconds while statements are under way. */
    check(now: number) {
      const [first] = underWay
      isStalled = first !== undefined && first === firstBefore
      firstBefore = first
      for (const { deadline, refuse } of underWay) if (deadline <= now) refuse(late())
      if (!first || first.deadline > now) return
      if (first.overBy === undefined) cancel(first, now)
      else if (first.overBy <= now) options.onStuck(late())
    },
  }
}
