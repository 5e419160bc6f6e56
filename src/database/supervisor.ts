import { DatabaseUnavailable, isBroken, isUnreachable, mayRunAgain, meaningOf } from './errors'
import type { Row, Statement } from './statement'
import { type Deadline, remaining, within } from './time'

/** One working connection to a database: a pool of Postgres, or an open file of SQLite. */
export interface Session {
  query(statement: Statement, parameters: unknown[], deadline: Deadline): Promise<Row[]>
  /** Resolves, or returns where no waiting is needed, when the database answers. */
  ping(): Promise<void> | undefined
  close(): Promise<void>
  /** Statements under way, those that wait, and how many may be under way at once. */
  use(): { active: number; waiting: number; max: number }
  /** Resolves with the cause once the session can no longer serve. */
  readonly lost: Promise<unknown>
}

export type State = { state: 'connected' } | { state: 'disconnected'; cause: unknown }

/** Pause between two attempts to connect: short, since a database back must serve within 2 s. */
const retryMs = 250
/** How often a statement is tried where that is harmless, and the pause between two tries. */
const mostTries = 3
const againMs = 10
/** How long a statement waits for the session after the one that it was lost with. */
const patienceMs = 1000

/**
 * Keeps one session alive: connects as soon as it can, and replaces a session that is lost as a
 * whole, without end. While there is none, every query fails at once.
 */
export const supervise = (connect: () => Promise<Session>, onChange: (state: State) => void) => {
  let session: Session | undefined
  let next = Promise.withResolvers<Session>()
  let reported: string | undefined
  let isWell = false
  let closed = false

  const establish = async () => {
    while (!closed) {
      try {
        const established = await connect()
        if (closed) return await established.close()
        session = established
        void established.lost.then((cause) => lose(established, cause))
        next.resolve(established)
        recover()
        return
      } catch (cause) {
        report(cause)
      }
      await Bun.sleep(retryMs)
    }
  }

  /** Reports an outage once, and again only when its cause has changed. */
  const report = (cause: unknown) => {
    // What merely says that the database is away tells nobody why.
    const reason = cause instanceof DatabaseUnavailable ? cause.cause : cause
    const message = reason instanceof Error ? reason.message : String(reason)
    if (message === reported || closed) return
    reported = message
    isWell = false
    onChange({ state: 'disconnected', cause })
  }

  const recover = () => {
    reported = undefined
    isWell = true
    onChange({ state: 'connected' })
  }

  const lose = (lost: Session, cause: unknown) => {
    if (session !== lost || closed) return
    session = undefined
    next = Promise.withResolvers()
    report(cause)
    lost.close().catch(report)
    void establish()
  }

  /** Whatever the session answers ends an outage that was reported. */
  const answered = (used: Session): boolean => {
    if (!isWell && used === session) recover()
    return true
  }

  /** A session that misses a ping may yet serve, so it stays. */
  const missed = (used: Session, cause: unknown): boolean => {
    if (used === session) report(cause)
    return false
  }

  const silent = () => new DatabaseUnavailable({ cause: new Error('no answer to a ping') })

  const none = () => new DatabaseUnavailable({ cause: new Error(reported ?? 'not connected yet') })

  /** The session to try again on: the one there is, or the next where it comes soon. */
  const successor = (deadline: Deadline) =>
    session ?? within(Math.min(patienceMs, remaining(deadline)), next.promise, none)

  void establish()

  return {
    /** Runs a statement, again where that is harmless. Throws DatabaseUnavailable by the deadline. */
    async query(statement: Statement, parameters: unknown[], deadline: Deadline): Promise<Row[]> {
      if (!session) throw none()
      let used = session
      for (let tries = 1; ; tries++)
        try {
          const rows = await used.query(statement, parameters, deadline)
          answered(used)
          return rows
        } catch (error) {
          if (isUnreachable(error)) lose(used, error)
          // A read may meet one broken connection after the other: all of a pool may be.
          const most = statement.reads && isBroken(error) ? used.use().max + mostTries : mostTries
          if (tries >= most || !mayRunAgain(error, statement.reads)) throw meaningOf(error)
          // Connections that broke at the same moment are noticed meanwhile.
          await Bun.sleep(againMs)
          used = await successor(deadline)
        }
    },

    /** Whether the session answers within the given time. One that does not is reported. */
    ping(milliseconds: number): boolean | Promise<boolean> {
      if (!session) return false
      const used = session
      try {
        const answer = used.ping()
        if (!answer) return answered(used)
        return within(milliseconds, answer, silent).then(
          () => answered(used),
          (cause) => missed(used, cause),
        )
      } catch (cause) {
        return missed(used, cause)
      }
    },

    status: () => ({
      connected: isWell,
      ...(session?.use() ?? { active: 0, waiting: 0, max: 0 }),
    }),

    async close(): Promise<void> {
      closed = true
      await session?.close()
    },
  }
}
