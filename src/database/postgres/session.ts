import { parsePostgresUrl } from '../../config/postgres-url'
import { DatabaseUnavailable, isLoginRejected } from '../errors'
import { createLoginBackoff } from '../login-backoff'
import type { SetUp } from '../migrations/apply'
import type { Session } from '../supervisor'
import { within } from '../time'
import type { Client } from './client'
import { type ConnectOptions, connect, silenceMs } from './connect'
import { createConnection } from './connection'
import { createPool } from './pool'
import { keepsPreparedStatements } from './pooler'
import { setUpSchema } from './set-up'

export interface PostgresOptions {
  url: string
  poolMax: number
}

/** Longest wait for the answer to a ping, in milliseconds. */
const pingMs = silenceMs
/** How much earlier than its limit a ping ends, in milliseconds. */
const marginMs = 50
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
  const { location } = parsePostgresUrl(url)
  /** For the schema and for pings, which so never queue behind statements. */
  let control = await connect(location)
  /** The first connection of the pool, opened meanwhile: a distant one takes seconds. */
  let first: Promise<Client> | undefined = connect(location)
  // Its failure is dealt with when it is used.
  first.catch(() => {})
  let prepare: boolean
  try {
    prepare = await within(2 * pingMs, keepsPreparedStatements(control), unanswered)
    await setUpSchema(control, setUp, () => connect(location))
  } catch (error) {
    control.close()
    first.then(
      (client) => client.close(),
      () => {},
    )
    throw error
  }
  const { promise: lost, resolve: lose } = Promise.withResolvers<unknown>()
  const logins = createLoginBackoff()
  let rejection: unknown

  /** Connects again, but not soon after a login that was rejected. */
  const reconnect = async (options: ConnectOptions) => {
    if (logins.remaining() > 0) throw rejection
    try {
      const client = await connect(location, options)
      logins.note()
      return client
    } catch (error) {
      rejection = error
      logins.note(error)
      throw error
    }
  }
  let isConfirming = false
  let isClosed = false

  let renewing: Promise<void> | undefined
  let isProgressing = false

  /** Replaces the control connection; rejects if that cannot be. */
  const renewControl = () => {
    isProgressing &&= renewing !== undefined
    const onProgress = () => {
      isProgressing = true
    }
    renewing ??= reconnect({ onProgress })
      .then((renewed) => {
        if (isClosed) return renewed.close()
        control.close()
        control = renewed
      })
      .finally(() => {
        renewing = undefined
      })
    return renewing
  }

  /** Resolves when the database answers: over the control connection, or a new one if that is silent. */
  const answers = async () => {
    const asked = ping(control)
    const settled = asked.then(
      () => true,
      () => false,
    )
    if (await Promise.race([settled, Bun.sleep(Math.max(hedgeMs, control.openedInMs))])) return
    await Promise.any([asked, renewControl()])
  }

  /** Gives the session up unless the database still answers, over whichever connection. */
  const confirm = async (cause: unknown) => {
    if (isConfirming) return
    isConfirming = true
    const start = performance.now()
    await within(hedgeMs + pingMs, answers(), unanswered).catch(() => {
      if (!pool.hasAnsweredSince(start)) lose(cause)
    })
    isConfirming = false
  }

  const connectionOptions = {
    prepare,
    // A statement that must be described each time holds back all that are sent after it.
    depth: prepare ? depth : 1,
    onSettled: () => pool.advance(),
    onLate() {
      pool.probeIdle(idleMs, pingMs)
      void confirm(new Error('statements get no answer'))
    },
  }
  const pool = createPool({
    async open(isOnly) {
      const client = first ?? reconnect({ idleTimeoutS: isOnly ? undefined : idleTimeoutS })
      first = undefined
      return createConnection(await client, connectionOptions)
    },
    maxConnections: poolMax,
    maxWaiting: poolMax * queueFactor,
    onUnusable: (cause) => (isLoginRejected(cause) ? lose(cause) : void confirm(cause)),
  })

  pool.warmUp()

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
    async ping(limitMs) {
      const viaControl = control.isClosed ? renewControl() : answers()
      const settled = viaControl.then(
        () => true,
        () => false,
      )
      if (await Promise.race([settled, Bun.sleep(hedgeMs)])) return
      // Other connections may serve though this one, or a new one in its place, does not.
      const answered = Promise.any([viaControl, pool.ask(2 * pingMs)]).catch(({ errors: [cause] }) => {
        throw cause
      })
      const late = Bun.sleep(limitMs - hedgeMs - marginMs).then(() => {
        // A distant server that has closed an idle connection cannot be back in time. It works if it
        // answers while it is connected to; how that ends is told by the next ping.
        if (!(control.isClosed && isProgressing)) throw unanswered()
      })
      await Promise.race([answered, late])
    },
    async close() {
      isClosed = true
      pool.close()
      control.close()
    },
  }
}
