import { parsePostgresUrl } from '../../config/postgres-url'
import { isLoginRejected } from '../errors'
import { createLoginBackoff } from '../login-backoff'
import type { SetUp } from '../migrations/apply'
import type { Session } from '../supervisor'
import { within } from '../time'
import type { Client } from './client'
import { type ConnectOptions, connect } from './connect'
import { createConnection } from './connection'
import { createControl, pingMs, unanswered } from './control'
import { createPool } from './pool'
import { keepsPreparedStatements } from './pooler'
import { setUpSchema } from './set-up'

export interface PostgresOptions {
  url: string
  poolMax: number
}

/** Silence after which a connection counts as idle, in milliseconds. */
const idleMs = 1000
/** How long the first write after that waits for the news that its connection has closed. */
const noticeMs = 10
/** How often it waits again, if the process is so busy that it looks at its sockets late. */
const maxNotices = 10
/** Seconds after which an idle connection closes. */
const idleTimeoutS = 60
/** Statements in flight on one connection: enough to save most of the system calls. */
const depth = 4
/** Statements that may wait for a connection, for each connection of the pool. */
const queueFactor = 100

/** Waits until the news of connections that have closed must have arrived. */
const notice = async () => {
  for (let round = 0; round < maxNotices; round++) {
    const start = performance.now()
    await Bun.sleep(noticeMs)
    if (performance.now() - start < 1.2 * noticeMs) return
  }
}

/**
 * Connects, brings the schema up to date and opens a pool. A connection that fails is replaced by
 * itself; the session is lost only once nothing answers any more.
 */
export const connectPostgres = async ({ url, poolMax }: PostgresOptions, setUp: SetUp): Promise<Session> => {
  const { location } = parsePostgresUrl(url)
  /** For the schema, and then for pings. */
  const schemaClient = await connect(location)
  /** The first connection of the pool, opened meanwhile: a distant one takes seconds. */
  let first: Promise<Client> | undefined = connect(location)
  // Its failure is dealt with when it is used.
  first.catch(() => {})
  let prepare: boolean
  try {
    prepare = await within(2 * pingMs, keepsPreparedStatements(schemaClient), unanswered)
    await setUpSchema(schemaClient, setUp, () => connect(location))
  } catch (error) {
    schemaClient.close()
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

  /** Gives the session up unless the database still answers, over whichever connection. */
  const confirm = async (cause: unknown) => {
    if (isConfirming) return
    isConfirming = true
    await control.confirm().catch(() => lose(cause))
    isConfirming = false
  }

  const connectionOptions = {
    prepare,
    // A statement that must be described anew each time holds back all that are sent after it.
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

  const control = createControl(schemaClient, {
    open: reconnect,
    askPool: () => pool.ask(pingMs),
    hasPoolAnsweredSince: pool.hasAnsweredSince,
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
      return notice().then(() => pool.query(statement, parameters, deadline))
    },
    ping: control.ping,
    async close() {
      pool.close()
      control.close()
    },
  }
}
