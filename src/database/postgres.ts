import type { Sql } from 'postgres'
import { createConnection } from './connection'
import { DatabaseUnavailable, mayRunAgain } from './errors'
import { migratePostgres } from './migrate'
import { createPool } from './pool'
import { createClient, keepsPreparedStatements } from './postgres-client'
import type { Session } from './supervisor'
import { within } from './time'

export interface PostgresOptions {
  url: string
  poolMax: number
}

/** Longest wait for a first answer of the server; a black hole costs no more than this. */
const dialMs = 1500
/** Longest wait for the schema, another replica's lock included. */
const migrationMs = 60_000
/** Silence after which a connection counts as idle. */
const idleMs = 1000
/** How long the first write after that waits for the news that its connection is gone. */
const noticeMs = 10
/** Statements under way on one connection: enough to save most of the system calls. */
const depth = 4
/** Statements that may wait for a connection, for each connection of the pool. */
const queueFactor = 100

/** Lets the event loop see what has already happened to the sockets. */
const noticeBroken = () => Bun.sleep(noticeMs)

const late = (what: string) => new DatabaseUnavailable({ cause: new Error(what) })

/**
 * Connects, brings the schema up to date and opens a pool, which is given up as a whole when one
 * of its connections does not come back.
 */
export const connectPostgres = async ({ url, poolMax }: PostgresOptions): Promise<Session> => {
  let control = createControl(url)
  let prepare: boolean
  try {
    prepare = await within(dialMs, keepsPreparedStatements(control), () => late('no answer on connecting'))
    await within(migrationMs, migratePostgres(control), () => late('the schema took too long'))
  } catch (error) {
    void destroy(control)
    throw error
  }
  const { promise: lost, resolve: lose } = Promise.withResolvers<unknown>()
  // A statement that must be described anew each time holds back all that are sent after it.
  const options = { prepare, depth: prepare ? depth : 1, onAnswer: () => pool.advance(), onStuck: lose }
  const clients = Array.from({ length: poolMax }, () => createClient(url))
  const connections = clients.map((client) => createConnection(client, options))
  const pool = createPool(connections, poolMax * queueFactor)

  return {
    lost,
    use: pool.use,
    query(statement, parameters, deadline) {
      // Nobody can know what became of a write on a connection that broke, so one that broke while
      // idle is given the chance to be noticed first.
      const isIdle = !statement.reads && performance.now() - pool.quietSince(statement) > idleMs
      if (!isIdle) return pool.query(statement, parameters, deadline)
      return noticeBroken().then(() => pool.query(statement, parameters, deadline))
    },
    async ping() {
      const used = control
      try {
        await within(dialMs, used.unsafe('select 1'), () => late('no answer to a ping'))
      } catch (error) {
        // A connection that once was silent or broken is not asked again.
        if (used === control) control = createControl(url)
        void destroy(used)
        if (!mayRunAgain(error, true)) throw error
        await within(dialMs, control.unsafe('select 1'), () => late('no answer to a ping'))
      }
    },
    async close() {
      pool.close()
      await Promise.all([...clients, control].map(destroy))
    },
  }
}

/** A connection of its own for the schema and for pings, which so never queue behind statements. */
const createControl = (url: string) => createClient(url, { connect_timeout: dialMs / 1000 })

/** Ends a client at once: its end() waits without end for connections that are lost. */
const destroy = (client: Sql) => client.end({ timeout: 0 })
