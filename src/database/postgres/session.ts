import { DatabaseUnavailable, isLoginRejected } from '../errors'
import type { SetUp } from '../migrations/apply'
import type { Session } from '../supervisor'
import { within } from '../time'
import { type Client, keepsPreparedStatements, openClient } from './client'
import { createConnection } from './connection'
import { createPool } from './pool'
import { setUpSchema } from './set-up'

export interface PostgresOptions {
  url: string
  poolMax: number
}

/** Longest wait for a first answer of the server, in milliseconds; a black hole costs no more than this. */
const connectTimeoutMs = 1500
/** Longest wait for the answer to a ping, and then for a new connection to answer it, in milliseconds. */
const pingMs = 1500
/** How long a ping of the control connection may take before a new connection is tried beside it. */
const hedgeMs = 300
/** Silence after which a connection counts as idle, in milliseconds. */
const idleMs = 1000
/** How long the first write after that waits for the news that its connection has closed. */
const noticeMs = 10
/** Seconds after which an idle connection closes. */
const idleTimeoutS = 60
/** Statements in flight on one connection: enough to save most of the system calls. */
const depth = 4
/** Statements that may wait for a connection, for each connection of the pool. */
const queueFactor = 100

const unanswered = () => new DatabaseUnavailable({ cause: new Error('no answer to a ping') })

const ping = ({ sql }: Client) => within(pingMs, sql.unsafe('SELECT 1'), unanswered)

/**
 * Connects, brings the schema up to date and opens a pool. A connection that fails is replaced by
 * itself; the session is lost only once nothing answers any more.
 */
export const connectPostgres = async ({ url, poolMax }: PostgresOptions, setUp: SetUp): Promise<Session> => {
  /** For the schema and for pings, which so never queue behind statements. */
  let control = await openClient(url, connectTimeoutMs)
  let prepare: boolean
  try {
    prepare = await within(connectTimeoutMs, keepsPreparedStatements(control), unanswered)
    await setUpSchema(control, setUp, () => openClient(url, connectTimeoutMs))
  } catch (error) {
    control.close()
    throw error
  }
  const { promise: lost, resolve: lose } = Promise.withResolvers<unknown>()
  let confirming: Promise<void> | undefined

  /** Replaces the control connection; rejects if that cannot be. */
  const renewControl = async () => {
    const renewed = await openClient(url, connectTimeoutMs)
    control.close()
    control = renewed
  }

  /** Gives the session up unless the database still answers, over whichever connection. */
  const confirm = (cause: unknown) => {
    const start = performance.now()
    confirming ??= Promise.any([ping(control), Bun.sleep(hedgeMs).then(renewControl)])
      .then(
        () => {},
        () => {
          if (!pool.hasAnsweredSince(start)) lose(cause)
        },
      )
      .finally(() => {
        confirming = undefined
      })
  }

  const connectionOptions = {
    prepare,
    // A statement that must be described anew each time holds back all that are sent after it.
    depth: prepare ? depth : 1,
    onSettled: () => pool.advance(),
    onLate: () => confirm(new Error('statements get no answer')),
  }
  const pool = createPool({
    open: async () =>
      createConnection(await openClient(url, connectTimeoutMs, idleTimeoutS), connectionOptions),
    maxConnections: poolMax,
    maxWaiting: poolMax * queueFactor,
    onUnusable: (cause) => (isLoginRejected(cause) ? lose(cause) : confirm(cause)),
  })

  return {
    lost,
    stats: pool.stats,
    query(statement, parameters, deadline) {
      // Nobody can know what became of a write on a connection that broke, so one that broke while
      // idle is given the chance to be noticed first.
      const isIdle = !statement.isReadOnly && performance.now() - pool.lastAnswer() > idleMs
      if (!isIdle) return pool.query(statement, parameters, deadline)
      return Bun.sleep(noticeMs).then(() => pool.query(statement, parameters, deadline))
    },
    async ping() {
      // A connection that was silent or broken once is not asked again.
      if (
        !control.isClosed &&
        (await ping(control).then(
          () => true,
          () => false,
        ))
      )
        return
      await renewControl()
    },
    async close() {
      pool.close()
      control.close()
    },
  }
}
