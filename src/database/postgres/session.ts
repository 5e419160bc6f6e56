import { parsePostgresUrl } from '../../config/postgres-url'
import { DatabaseUnavailable, isLoginRejected } from '../errors'
import { createLoginBackoff } from '../login-backoff'
import type { SetUp } from '../migrations/plan'
import type { Session } from '../session'
import { within } from '../time'
import type { Client } from './client'
import { type ConnectOptions, connect } from './connect'
import { createConnection } from './connection'
import { createPinger, pingMs } from './pinger'
import { createPool } from './pool'
import { keepsPreparedStatements } from './pooler'
import { setUpSchema } from './set-up'

interface PostgresOptions {
  url: string
  poolMax: number
}

/** Silence after which a connection counts as idle, in milliseconds. */
const idleMs = 1000
/** How long the first write after that waits for close events, in milliseconds. */
const closeEventsMs = 10
/** The maximum number of these waits, if the process is so busy that the events are delayed. */
const maxWaits = 10
/** The idle timeout of connections, in seconds. */
const idleTimeoutS = 60
/** How many statements are pipelined over one connection. */
const depth = 4
/** Statements that may wait for a connection, for each connection of the pool. */
const queueFactor = 100

/** Waits until pending close events of connections must have been processed. */
const waitForCloseEvents = async () => {
  for (let wait = 0; wait < maxWaits; wait++) {
    const start = performance.now()
    await Bun.sleep(closeEventsMs)
    if (performance.now() - start < 1.2 * closeEventsMs) return
  }
}

const poolerCheckTimedOut = () =>
  new DatabaseUnavailable({ cause: new Error('the check for prepared statements got no response') })

/**
 * Connects, brings the schema up to date and opens a pool. A failed connection is replaced individually; the
 * session is lost only when no connection works.
 */
export const connectPostgres = async ({ url, poolMax }: PostgresOptions, setUp: SetUp): Promise<Session> => {
  const { location } = parsePostgresUrl(url)
  /** For the schema, and then for pings. */
  const schemaClient = await connect(location)
  /** The first connection of the pool, opened in parallel, since that may take seconds. */
  let first: Promise<Client> | undefined = connect(location)
  // A failure is handled when the connection is used.
  first.catch(() => {})
  let prepare: boolean
  try {
    prepare = await within(2 * pingMs, keepsPreparedStatements(schemaClient), poolerCheckTimedOut)
    await setUpSchema(schemaClient, setUp, () => connect(location))
  } catch (error) {
    schemaClient.close()
    first.then(
      (client) => client.close(),
      () => {},
    )
    throw error
  }
  const { promise: lost, resolve: endSession } = Promise.withResolvers<unknown>()
  const logins = createLoginBackoff()
  let rejection: unknown

  /**
   * Reconnects, but backs off after a rejected login. The session ends if the database has been recreated empty, so
   * that the next one sets up its schema.
   */
  const reconnect = async (options: ConnectOptions) => {
    if (logins.remaining() > 0) throw rejection
    try {
      const client = await connect(location, options)
      logins.note()
      if (client.hasLedger) return client
      client.close()
      const cause = new Error('the database was replaced by one without a schema')
      endSession(cause)
      throw cause
    } catch (error) {
      rejection = error
      logins.note(error)
      throw error
    }
  }
  let isConfirming = false

  /** Gives up the session unless the database answers over any connection. */
  const confirm = async (cause: unknown) => {
    if (isConfirming) return
    isConfirming = true
    await pinger.confirm().catch(() => endSession(cause))
    isConfirming = false
  }

  const connectionOptions = {
    prepare,
    // An unprepared statement blocks the pipeline until it has been described.
    depth: prepare ? depth : 1,
    onSettled: () => pool.advance(),
    onLate() {
      pool.probeIdle(idleMs, pingMs)
      void confirm(new Error('statements get no response'))
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
    onUnusable: (cause) => (isLoginRejected(cause) ? endSession(cause) : void confirm(cause)),
  })

  const pinger = createPinger(schemaClient, {
    open: reconnect,
    askPool: () => pool.ask(pingMs),
    hasPoolAnsweredSince: pool.hasAnsweredSince,
  })

  pool.warmUp()

  return {
    lost,
    stats: pool.stats,
    query(statement, parameters, deadline) {
      // The outcome of a write on a broken connection is unknown. So a connection that broke while it was
      // idle must be noticed before a write is sent.
      const isIdle = !statement.isReadOnly && performance.now() - pool.lastAnswer() > idleMs
      if (!isIdle) return pool.query(statement, parameters, deadline)
      return waitForCloseEvents().then(() => pool.query(statement, parameters, deadline))
    },
    ping: pinger.ping,
    async close() {
      pool.close()
      pinger.close()
    },
  }
}
