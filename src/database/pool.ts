import type { Connection } from './connection'
import { DatabaseUnavailable } from './errors'
import type { Row, Statement } from './statement'
import type { Deadline } from './time'

/** How often deadlines are looked at, in milliseconds, and so how late a late answer may be. */
const tickMs = 20

interface Waiting {
  statement: Statement
  deadline: Deadline
  start(connection: Connection): void
  refuse(error: DatabaseUnavailable): void
}

const refusal = (why: string) => new DatabaseUnavailable({ cause: new Error(why) })

/**
 * Spreads statements over connections: first come first served, each to the first that is free, or
 * else the one with the least under way. So a few users keep a few connections busy, whose servers
 * have all at hand, and the others close. One that the server did not let in rests for a moment. At
 * most `mostWaiting` wait for a place, and none beyond its deadline.
 *
 * One timer serves all deadlines. Nearly every statement ends long before its own, and a timer for
 * each would cost more than the deadline is worth.
 */
export const createPool = (connections: readonly Connection[], mostWaiting: number) => {
  let queue: Waiting[] = []
  let timer: Timer | undefined

  const choose = (statement: Statement): Connection | undefined => {
    let shared: Connection | undefined
    for (const connection of connections) {
      if (connection.isRefused()) continue
      const load = connection.load()
      if (load === 0) return connection
      if (connection.takes(statement) && load < (shared?.load() ?? Number.POSITIVE_INFINITY))
        shared = connection
    }
    return shared
  }

  /** Lets those who wait go on; to be called whenever a statement is over. */
  const advance = () => {
    for (let first = queue[0]; first; first = queue[0]) {
      const connection = choose(first.statement)
      if (!connection) return
      queue.shift()
      first.start(connection)
    }
  }

  const refuseLate = (now: number) => {
    for (const { deadline, refuse } of queue)
      if (deadline <= now) refuse(refusal('no connection came free in time'))
    queue = queue.filter(({ deadline }) => deadline > now)
  }

  const tick = () => {
    const now = performance.now()
    if (queue.length > 0) refuseLate(now)
    for (const connection of connections) connection.check(now)
    advance()
    if (queue.length > 0 || connections.some((connection) => connection.load() > 0)) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    /** Runs a statement as Connection.send does. Throws DatabaseUnavailable where too many wait. */
    query(statement: Statement, parameters: unknown[], deadline: Deadline): Promise<Row[]> {
      timer ??= setInterval(tick, tickMs)
      const connection = queue.length === 0 ? choose(statement) : undefined
      if (connection) return connection.send(statement, parameters, deadline)
      if (queue.length >= mostWaiting) throw refusal('too many statements wait for a connection')
      return new Promise((resolve, refuse) => {
        const start = (free: Connection) => resolve(free.send(statement, parameters, deadline))
        queue.push({ statement, deadline, start, refuse })
      })
    },

    advance,

    /** Since when nothing was heard of the connection that would take this statement now. */
    quietSince: (statement: Statement) => choose(statement)?.quietSince() ?? performance.now(),

    /** Refuses all that wait. */
    close() {
      clearInterval(timer)
      for (const { refuse } of queue) refuse(refusal('the connection was lost'))
      queue = []
    },

    use() {
      const loads = connections.map((connection) => connection.load())
      const active = loads.filter((load) => load > 0).length
      const underWay = loads.reduce((sum, load) => sum + load, 0)
      return { active, waiting: underWay - active + queue.length, max: connections.length }
    },
  }
}
