import type { Sql } from 'postgres'
import { createAlarms } from './alarms'
import { DatabaseUnavailable, mayRunAgain } from './errors'
import { migratePostgres } from './migrate'
import { createClient, keepsPreparedStatements } from './postgres-client'
import { createSlots } from './slots'
import type { Row } from './statement'
import type { Session } from './supervisor'
import { type Deadline, deadlineIn, within } from './time'

export interface PostgresOptions {
  url: string
  poolMax: number
}

/** Longest wait for a first answer of the server; a black hole costs no more than this. */
const dialMs = 1500
/** Longest wait for the schema, another replica's lock included. */
const migrationMs = 60_000
/** Longest wait for a cancelled statement to end. Beyond it its connection counts as stuck. */
const cancelMs = 500
/** Silence after which the pool counts as idle. */
const idleMs = 1000
/** How long the first write after that waits for the news that its connection is gone. */
const noticeMs = 10
/** Statements that may wait for a connection, for each connection of the pool. */
const queueFactor = 100

/** Lets the event loop see what has already happened to the sockets. */
const noticeBroken = () => Bun.sleep(noticeMs)

const late = (what: string) => new DatabaseUnavailable({ cause: new Error(what) })

/** The two fields of a query of postgres.js that its types leave out. */
interface Running {
  state: unknown
  canceller(query: unknown): Promise<void>
}

/**
 * Connects, brings the schema up to date and opens a pool. postgres.js has neither a deadline for
 * queries nor a cure for a connection that hangs, so both stand here: a statement that is late is
 * cancelled on the server, and a connection that does not come back gives up the whole pool.
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
  const pool = createClient(url, { max: poolMax })
  const slots = createSlots(poolMax, poolMax * queueFactor)
  const alarms = createAlarms()
  let lastAnswer = performance.now()
  const { promise: lost, resolve: lose } = Promise.withResolvers<unknown>()

  /** Runs one statement on a free connection and keeps the slot until that connection is free again. */
  const send = (sql: string, parameters: unknown[], deadline: Deadline): Promise<Row[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<Row[]>()
    const query = pool.unsafe<Row[]>(sql, parameters as never[], { prepare })
    const giveUp = () => {
      const cause = late('a statement got no answer in time')
      reject(cause)
      const running = query as unknown as Running
      // Without a state it was never sent: its connection does not open, and postgres.js would
      // lose the slot for ever if it were cancelled now.
      if (!running.state) return lose(cause)
      disarm = alarms.set(deadlineIn(cancelMs), () => lose(cause))
      // Not by query.cancel(): it drops this promise, whose rejection would then end the process.
      running.canceller(query).catch(() => {})
    }
    let disarm = alarms.set(deadline, giveUp)
    const settle = () => {
      lastAnswer = performance.now()
      disarm()
      slots.release()
    }
    query.then(
      (rows) => {
        settle()
        resolve(rows)
      },
      (error) => {
        settle()
        reject(error)
      },
    )
    return promise
  }

  return {
    lost,
    use: slots.use,
    query({ sql, reads }, parameters, deadline) {
      const admitted = slots.acquire(deadline)
      // Nobody can know what became of a write on a connection that broke, so one that broke while
      // idle is given the chance to be noticed first.
      const isIdle = !reads && performance.now() - lastAnswer > idleMs
      if (!admitted && !isIdle) return send(sql, parameters, deadline)
      return Promise.all([admitted, isIdle && noticeBroken()]).then(() => send(sql, parameters, deadline))
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
      slots.close()
      await Promise.all([destroy(pool), destroy(control)])
    },
  }
}

/** A connection of its own for the schema and for pings, which so never queue behind statements. */
const createControl = (url: string) => createClient(url, { max: 1, connect_timeout: dialMs / 1000 })

/** Ends a client at once: its end() waits without end for connections that are lost. */
const destroy = (client: Sql) => client.end({ timeout: 0 })
