import { DatabaseUnavailable, isRetryable, StatementNotSent, toDomainError } from './errors'
import { createLoginBackoff } from './login-backoff'
import type { PreparedStatement, Row } from './prepared-statement'
import type { Session } from './session'
import { type Deadline, remaining, within } from './time'

export type State = { state: 'connected' } | { state: 'disconnected'; cause: unknown }

/** The pause between two attempts to connect, in milliseconds. Recovery must take less than 2 s. */
const retryDelayMs = 250
/** How long connecting and migrating may take before it is reported, in milliseconds. */
const slowMs = 2000
/** How many times a statement is sent, if a retry is safe. */
const maxTries = 3
/** The pause before a retry, in milliseconds. */
const statementRetryDelayMs = 10
/** How long a statement that was not sent waits for a connection, or for the next session, in milliseconds. */
const patienceMs = 1000

/**
 * Keeps one session alive: connects as soon as possible, and replaces a lost session, without giving up.
 * Without a session every query fails at once.
 *
 * @param connect gets whether it is the first connection of the process.
 */
export const supervise = (
  connect: (isFirst: boolean) => Promise<Session>,
  onChange: (state: State) => void,
) => {
  let session: Session | undefined
  let next = Promise.withResolvers<Session>()
  let reported: string | undefined
  let isFirst = true
  let isHealthy = false
  let closed = false

  /** @param lossCause is why the session before was lost. */
  const establish = async (lossCause?: unknown) => {
    const logins = createLoginBackoff()
    logins.note(lossCause)
    await Bun.sleep(logins.remaining())
    while (!closed) {
      const slow = setTimeout(() => report(new Error('the database is not ready yet')), slowMs)
      try {
        const established = await connect(isFirst)
        if (closed) return await established.close()
        isFirst = false
        session = established
        void established.lost.then((cause) => reconnect(established, cause))
        next.resolve(established)
        recover()
        return
      } catch (cause) {
        report(cause)
        logins.note(cause)
      } finally {
        clearTimeout(slow)
      }
      await Bun.sleep(Math.max(retryDelayMs, logins.remaining()))
    }
  }

  /** Reports an outage once, and again only when its cause has changed. */
  const report = (cause: unknown) => {
    // DatabaseUnavailable itself explains nothing, but its cause does.
    const reason = cause instanceof DatabaseUnavailable ? cause.cause : cause
    const message = reason instanceof Error ? reason.message : String(reason)
    if (message === reported || closed) return
    reported = message
    isHealthy = false
    onChange({ state: 'disconnected', cause })
  }

  const recover = () => {
    reported = undefined
    isHealthy = true
    onChange({ state: 'connected' })
  }

  const reconnect = (lost: Session, cause: unknown) => {
    if (session !== lost || closed) return
    session = undefined
    next = Promise.withResolvers()
    report(cause)
    lost.close().catch(report)
    void establish(cause)
  }

  /** Any response of the session ends a reported outage. */
  const onSuccess = (used: Session): boolean => {
    if (!isHealthy && used === session) recover()
    return true
  }

  /** A session that misses a ping may still work, so it is kept. */
  const onPingFailed = (used: Session, cause: unknown): boolean => {
    if (used === session) report(cause)
    return false
  }

  const notConnected = () => new StatementNotSent({ cause: new Error(reported ?? 'not connected yet') })

  /** The session for a retry: the current one, or the next one if it is established soon. */
  const nextSession = (deadline: Deadline) =>
    session ?? within(Math.min(patienceMs, remaining(deadline)), next.promise, notConnected)

  void establish()

  return {
    /**
     * Executes a statement, and retries it if that is safe. Throws DatabaseUnavailable by the deadline,
     * ForeignKeyViolation, or what the driver throws.
     */
    async query(statement: PreparedStatement, parameters: unknown[], deadline: Deadline): Promise<Row[]> {
      if (!session) throw notConnected()
      let used = session
      let tries = 0
      let giveUpAt = deadline
      for (;;)
        try {
          const rows = await used.query(statement, parameters, deadline)
          onSuccess(used)
          return rows
        } catch (error) {
          if (error instanceof StatementNotSent) giveUpAt = Math.min(giveUpAt, performance.now() + patienceMs)
          else tries++
          // A read may meet every broken connection of the pool before it meets a working one.
          const allowedTries = statement.isReadOnly ? used.stats().max + maxTries : maxTries
          const isOver = tries >= allowedTries || performance.now() >= giveUpAt
          if (closed || isOver || !isRetryable(error, statement.isReadOnly)) throw toDomainError(error)
          // Meanwhile, other connections that broke at the same time are noticed.
          await Bun.sleep(statementRetryDelayMs)
          used = await nextSession(deadline)
        }
    },

    /** Whether the session answers within a time limit, in milliseconds. One that does not is reported. */
    ping(limitMs: number): boolean | Promise<boolean> {
      if (!session) return false
      const used = session
      try {
        const answer = used.ping(limitMs)
        if (!answer) return onSuccess(used)
        return answer.then(
          () => onSuccess(used),
          (cause) => onPingFailed(used, cause),
        )
      } catch (cause) {
        return onPingFailed(used, cause)
      }
    },

    status: () => ({
      connected: isHealthy,
      ...(session?.stats() ?? { active: 0, waiting: 0, max: 0 }),
    }),

    async close(): Promise<void> {
      closed = true
      next.promise.catch(() => {})
      next.reject(notConnected())
      await session?.close()
    },
  }
}
