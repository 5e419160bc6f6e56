import { DatabaseUnavailable, isUnreachable, mayRunAgain, meaningOf } from './errors'
import type { Row, Statement } from './statement'
import { type Deadline, remaining, within } from './time'

/** One working connection to a database: a pool of Postgres, or an open file of SQLite. */
export interface Session {
  query(statement: Statement, parameters: unknown[], deadline: Deadline): Promise<Row[]>
  ping(): Promise<void>
  close(): Promise<void>
  /** Statements under way, those that wait, and how many may be under way at once. */
  use(): { active: number; waiting: number; max: number }
  /** Resolves with the cause once the session can no longer serve. */
  readonly lost: Promise<unknown>
}

export type State = { state: 'connected' } | { state: 'disconnected'; cause: unknown }

/** Pause between two attempts to connect: short, since a database back must serve within 2 s. */
const retryMs = 250
/** How long a read whose session broke waits for the next session. */
const patienceMs = 1000

/**
 * Keeps one session alive: connects as soon as it can, and replaces a session that is lost as a
 * whole, without end. While there is none, every query fails at once.
 */
export const supervise = (connect: () => Promise<Session>, onChange: (state: State) => void) => {
  let session: Session | undefined
  let next = Promise.withResolvers<Session>()
  let reason: unknown
  let closed = false

  const establish = async () => {
    while (!closed) {
      try {
        const established = await connect()
        if (closed) return await established.close()
        session = established
        void established.lost.then((cause) => lose(established, cause))
        next.resolve(established)
        reason = undefined
        onChange({ state: 'connected' })
        return
      } catch (cause) {
        explain(cause)
      }
      await Bun.sleep(retryMs)
    }
  }

  /** Reports an outage once, and again only when its cause has changed. */
  const explain = (cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause)
    if (message === reason || closed) return
    reason = message
    onChange({ state: 'disconnected', cause })
  }

  const lose = (lost: Session, cause: unknown) => {
    if (session !== lost || closed) return
    session = undefined
    next = Promise.withResolvers()
    explain(cause)
    lost.close().catch(explain)
    void establish()
  }

  const current = () => {
    if (!session) throw new DatabaseUnavailable({ cause: reason })
    return session
  }

  const run = async (on: Session, statement: Statement, parameters: unknown[], deadline: Deadline) => {
    try {
      return await on.query(statement, parameters, deadline)
    } catch (error) {
      if (isUnreachable(error)) lose(on, error)
      throw error
    }
  }

  void establish()

  return {
    /** Runs a statement, once more where that is harmless. Throws DatabaseUnavailable by the deadline. */
    async query(statement: Statement, parameters: unknown[], deadline: Deadline): Promise<Row[]> {
      const used = current()
      try {
        return await run(used, statement, parameters, deadline)
      } catch (error) {
        if (!mayRunAgain(error, statement.reads)) throw meaningOf(error)
        const patience = Math.min(patienceMs, remaining(deadline))
        try {
          const again = session ?? (await within(patience, next.promise, () => error as Error))
          return await run(again, statement, parameters, deadline)
        } catch (second) {
          throw meaningOf(second)
        }
      }
    },

    /** Resolves when the database answers within the given time; throws DatabaseUnavailable. */
    async ping(milliseconds: number): Promise<void> {
      try {
        const late = () => new DatabaseUnavailable({ cause: new Error('no answer to a ping') })
        await within(milliseconds, current().ping(), late)
      } catch (error) {
        throw meaningOf(error)
      }
    },

    status: () => ({
      connected: session !== undefined,
      ...(session?.use() ?? { active: 0, waiting: 0, max: 0 }),
    }),

    async close(): Promise<void> {
      closed = true
      await session?.close()
    },
  }
}
