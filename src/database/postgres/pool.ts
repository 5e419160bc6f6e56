import { DatabaseUnavailable, StatementNotSent } from '../errors'
import type { PreparedStatement, Row } from '../prepared-statement'
import { type Deadline, deadlineIn } from '../time'
import type { Connection } from './connection'
import { createOpener, type OpenerOptions } from './opener'

/**
 * How often deadlines are checked, in milliseconds. A statement is rejected at most this much after its
 * deadline.
 */
const tickMs = 20

/**
 * How many ticks a statement waits for a new connection before it shares one. That is enough to tell which
 * connections are stuck.
 */
const ticksBeforeSharing = 3

interface Waiting {
  statement: PreparedStatement
  /** How many ticks it has waited. */
  ticks: number
  deadline: Deadline
  start(connection: Connection): void
  reject(error: DatabaseUnavailable): void
}

interface PoolOptions extends Pick<OpenerOptions, 'open' | 'maxConnections'> {
  /** How many statements may wait for a connection. */
  maxWaiting: number
  /** Called when statements are waiting, no connection is open and none could be opened. */
  onUnusable(cause: unknown): void
}

const probe: PreparedStatement = {
  sql: 'SELECT 1',
  isReadOnly: true,
  mayBlockOnLocks: false,
  parameterCount: 0,
  parameters: () => [],
  checkOwner: () => {},
}

const overloaded = (reason: string) => new DatabaseUnavailable({ cause: new Error(reason) })

/**
 * Distributes statements over connections, first come, first served: to the first free connection, otherwise
 * to the one with the fewest statements in flight. So light load uses few connections, whose server processes
 * have warm caches, and idle ones close. Statements wait here until a connection is open, so a connection
 * that cannot be opened fails no statement while others work.
 *
 * One timer serves all deadlines.
 */
export const createPool = ({ open, maxConnections, maxWaiting, onUnusable }: PoolOptions) => {
  let connections: Connection[] = []
  let failure: unknown
  let queue: Waiting[] = []
  let timer: Timer | undefined
  let isClosed = false

  const rejectWaiting = (error: () => DatabaseUnavailable) => {
    for (const { reject } of queue.splice(0)) reject(error())
  }

  const opener = createOpener({
    open,
    maxConnections,
    onOpened(connection) {
      if (isClosed) return connection.close()
      connections.push(connection)
      advance()
    },
    onFailed(cause) {
      failure = cause
      // If no statement waits, the next one finds out whether the pool is still unusable.
      if (isClosed || !isUnusable() || queue.length === 0) return
      rejectWaiting(() => new StatementNotSent({ cause }))
      onUnusable(cause)
    },
  })

  const isUnusable = () => connections.length === 0 && opener.opening() === 0

  /**
   * Opens another connection if at least as many statements wait as connections are being opened. Returns whether
   * any is being opened.
   */
  const growIfNeeded = () => {
    if (opener.opening() <= queue.length) opener.openOne(connections.length)
    return opener.opening() > 0
  }

  /**
   * The connection to send a statement over now; none if it has to wait. It waits a moment for a
   * connection of its own, if there may be one more, before it shares one with others.
   */
  const choose = (statement: PreparedStatement, mayWait: boolean): Connection | undefined => {
    let shared: Connection | undefined
    for (const connection of connections) {
      const load = connection.inFlight()
      if (load === 0) return connection
      if (connection.accepts(statement) && load < (shared?.inFlight() ?? Number.POSITIVE_INFINITY))
        shared = connection
    }
    return growIfNeeded() && mayWait ? undefined : shared
  }

  /** Sends what waits; to be called whenever a statement has ended or a connection has opened or closed. */
  const advance = () => {
    if (connections.some((connection) => connection.isClosed())) {
      connections = connections.filter((connection) => !connection.isClosed())
      opener.onLost()
    }
    for (let first = queue[0]; first; first = queue[0]) {
      const connection = choose(first.statement, first.ticks < ticksBeforeSharing)
      if (!connection) break
      queue.shift()
      first.start(connection)
    }
    if (isUnusable()) rejectWaiting(() => new StatementNotSent({ cause: failure }))
  }

  const rejectLate = (now: number) => {
    for (const { deadline, reject } of queue)
      if (deadline <= now) reject(overloaded('no connection became free in time'))
    queue = queue.filter(({ deadline }) => deadline > now)
  }

  const tick = () => {
    const now = performance.now()
    if (queue.length > 0) rejectLate(now)
    // A copy, since a connection that is closed here leaves the list.
    for (const connection of [...connections]) connection.enforceDeadlines(now)
    for (const waiting of queue) waiting.ticks++
    advance()
    if (queue.length > 0 || connections.some((connection) => connection.inFlight() > 0)) return
    clearInterval(timer)
    timer = undefined
  }

  const keepTime = () => {
    timer ??= setInterval(tick, tickMs)
  }

  /** Runs a statement, once a connection is free for it. */
  const query = (statement: PreparedStatement, parameters: unknown[], deadline: Deadline): Promise<Row[]> => {
    if (isClosed) throw new StatementNotSent({ cause: new Error('the pool is closed') })
    const connection = queue.length === 0 ? choose(statement, true) : undefined
    if (!connection && isUnusable()) throw new StatementNotSent({ cause: failure })
    keepTime()
    if (connection) return connection.send(statement, parameters, deadline)
    if (queue.length >= maxWaiting) throw overloaded('too many statements wait for a connection')
    growIfNeeded()
    return new Promise((resolve, reject) => {
      const start = (free: Connection) => resolve(free.send(statement, parameters, deadline))
      queue.push({ statement, ticks: 0, deadline, start, reject })
    })
  }

  return {
    /**
     * Runs a statement as Connection.send does. Throws StatementNotSent if there is no connection,
     * and DatabaseUnavailable if too many wait.
     */
    query,

    /** Resolves when a connection of the pool answers a probe; rejects at a time limit, in milliseconds. */
    ask: async (limitMs: number) => void (await query(probe, [], deadlineIn(limitMs))),

    advance,

    /** Opens a first connection, so that the first statement need not wait for it. */
    warmUp: () => opener.openOne(connections.length),

    /**
     * Sends a probe over each connection that has been idle, and closes those that do not answer. What makes
     * one silent, such as a network that forgets idle connections, usually affects others too.
     */
    probeIdle(idleMs: number, limitMs: number) {
      const now = performance.now()
      for (const connection of connections) {
        if (connection.inFlight() > 0 || now - connection.lastAnswer() < idleMs) continue
        // Alone on its connection, so that nothing waits behind it if there is no answer.
        connection.send({ ...probe, mayBlockOnLocks: true }, [], deadlineIn(limitMs)).catch(() => {})
        keepTime()
      }
    },

    /** When the connection that the next statement is sent over last answered, on the monotonic clock. */
    lastAnswer: () =>
      connections.find((connection) => connection.inFlight() === 0)?.lastAnswer() ?? performance.now(),

    /** Whether a connection has answered since a moment. */
    hasAnsweredSince: (moment: number) => connections.some((connection) => connection.lastAnswer() > moment),

    /** Closes every connection and rejects what waits. */
    close() {
      isClosed = true
      clearInterval(timer)
      // First, since a connection that closes would open another one for a statement that waits.
      rejectWaiting(() => new StatementNotSent({ cause: new Error('the connection was lost') }))
      for (const connection of connections.splice(0)) connection.close()
    },

    stats() {
      const loads = connections.map((connection) => connection.inFlight())
      const active = loads.filter((load) => load > 0).length
      const inFlight = loads.reduce((sum, load) => sum + load, 0)
      return { active, waiting: inFlight - active + queue.length, max: maxConnections }
    },
  }
}
