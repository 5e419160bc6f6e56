import { isCutOff, isRepeatable, StatementNotSent, toDomainError } from '../errors'
import { plainStatement, type Row, type Statement } from '../statement'
import { type Deadline, patienceMs, retryMs, tickMs } from '../time'
import type { Connection, ConnectionEvents, Job } from './connection'

/** How many statements may wait for each connection of the pool. */
const waitingPerConnection = 100
/** How often a statement may fail, in addition to once on each connection of the pool. */
const extraTries = 3
/** How many attempts in a row may be cut off: the server may be ending connections, without being stopped. */
const maxCutOffs = 5
/** How long a statement waits for another connection that is being opened, before it shares one, in milliseconds. */
const shareAfterMs = 3 * tickMs
/** How long it takes to notice that an idle connection was closed, in milliseconds, if the process was busy. */
const noticeMs = 20

const probe = plainStatement('SELECT 1')

interface PoolOptions {
  /** The maximum number of connections. */
  size: number
  /** How long statements wait for an attempt to connect, in milliseconds. */
  timeoutMs: number
  open(events: ConnectionEvents): Promise<Connection>
  /** What an attempt to connect waits for. */
  waitsFor(): string
  /** The database has answered, or accepted a connection. */
  onAnswer(): void
  /** No connection is open, and the last attempt to open one failed or takes too long. */
  onOutage(cause: unknown): void
}

/**
 * Sends statements over up to `size` connections, first come, first served: each over the first free connection,
 * otherwise over one that it may share, otherwise it waits. More are opened as long as none is free. A statement
 * is sent again only if it was not executed, or only reads, and its connection broke.
 *
 * While no connection is open, statements wait for the attempt in progress. Once that was refused, or has taken
 * `timeoutMs`, they fail at once, and attempts go on until one succeeds.
 */
export const createPool = ({ size, timeoutMs, open, waitsFor, onAnswer, onOutage }: PoolOptions) => {
  let connections: Connection[] = []
  let queue: Job[] = []
  let opening = 0
  let failures = 0
  let hasConnected = false
  /** Since when no connection is open, but one is being opened. */
  let connectingSince = Number.POSITIVE_INFINITY
  let outage: { cause: unknown } | undefined
  let pausedUntil = 0
  let ticker: Timer | undefined
  let isClosed = false

  const fail = (jobs: Job[], reason: unknown) => {
    for (const { reject } of jobs) reject(new StatementNotSent(reason))
  }

  const startOutage = (cause: unknown) => {
    outage = { cause }
    onOutage(cause)
    fail(queue.splice(0), cause)
  }

  const attempt = async () => {
    opening++
    ticker ??= setInterval(tick, tickMs)
    if (connections.length === 0) connectingSince = Math.min(connectingSince, performance.now())
    try {
      const connection = await open(events)
      opening--
      if (isClosed) return connection.close()
      hasConnected = true
      failures = 0
      outage = undefined
      connectingSince = Number.POSITIVE_INFINITY
      connections.push(connection)
      onAnswer()
      advance()
    } catch (cause) {
      opening--
      failures++
      if (isClosed) return
      if (isCutOff(cause) && failures < maxCutOffs) return tryAgain()
      pausedUntil = performance.now() + retryMs
      if (connections.length > 0 || opening > 0) return
      startOutage(cause)
      setTimeout(keepTrying, retryMs)
    }
  }

  /** Connects again at once, if a statement waits for it, or the schema was never set up. */
  const tryAgain = () => {
    if (queue.length > 0 || !hasConnected) return void attempt()
    failures = 0
    connectingSince = Number.POSITIVE_INFINITY
  }

  const keepTrying = () => {
    if (!isClosed && connections.length === 0 && opening === 0) void attempt()
  }

  /** Opens one more connection, unless enough are being opened, or the last attempt has just failed. */
  const grow = () => {
    const isEnough = opening >= queue.length || opening >= Math.max(2, connections.length)
    const isFull = connections.length + opening >= size
    if (!isEnough && !isFull && performance.now() >= pausedUntil) void attempt()
  }

  const choose = (job: Job): Connection | undefined => {
    let shared: Connection | undefined
    for (const connection of connections) {
      if (!connection.accepts(job)) continue
      if (connection.load() === 0) return connection
      if (!shared || connection.load() < shared.load()) shared = connection
    }
    grow()
    const isPatient = opening > 0 && performance.now() - job.queuedAt < shareAfterMs
    return isPatient ? undefined : shared
  }

  /** Sends what can be sent, in order, so that none is overtaken for ever. */
  const advance = () => {
    for (let job = queue[0]; job; job = queue[0]) {
      const connection = choose(job)
      if (!connection) return
      queue.shift()
      connection.send(job)
    }
  }

  const tick = () => {
    const now = performance.now()
    // The attempt itself goes on.
    if (now - connectingSince >= timeoutMs && !outage)
      startOutage(new Error(`no connection within ${timeoutMs} ms: waiting for ${waitsFor()}`))
    const late = queue.filter(({ deadline }) => deadline <= now)
    queue = queue.filter(({ deadline }) => deadline > now)
    fail(late, 'no connection became free in time')
    // A copy, since one that is closed here leaves the list.
    for (const connection of [...connections]) connection.enforceDeadlines(now)
    advance()
    const isBusy = queue.length > 0 || opening > 0 || connections.some(({ load }) => load() > 0)
    if (isBusy) return
    clearInterval(ticker)
    ticker = undefined
  }

  const createJob = (statement: Statement, values: Row, deadline: Deadline) => {
    const { promise, resolve, reject } = Promise.withResolvers<Row[]>()
    const parameters = statement.parameters(values)
    const queuedAt = performance.now()
    const job: Job = { statement, values, parameters, deadline, queuedAt, tries: 0, resolve, reject }
    return { job, promise }
  }

  const events: ConnectionEvents = {
    onDone({ resolve }, rows) {
      resolve(rows)
      onAnswer()
      advance()
    },

    onFailed(job, error) {
      job.tries++
      const mayRepeat = job.tries < size + extraTries && job.deadline > performance.now() && !isClosed
      if (mayRepeat && isRepeatable(error, job.statement.isRead)) queue.unshift(job)
      else job.reject(toDomainError(error))
      advance()
    },

    onLate() {
      // What made one connection silent, such as a network that forgets idle ones, usually affects others too.
      for (const connection of connections.filter(({ load }) => load() === 0)) {
        const { job, promise } = createJob(probe, {}, performance.now() + patienceMs)
        promise.catch(() => {})
        connection.send(job)
      }
    },

    onClosed(closed, isSilent) {
      connections = connections.filter((connection) => connection !== closed)
      if (isClosed || connections.length > 0) return advance()
      connectingSince = opening > 0 ? performance.now() : Number.POSITIVE_INFINITY
      if (isSilent) {
        // The database has had its time, but perhaps only the network has forgotten the connection.
        connectingSince = performance.now() - timeoutMs + retryMs
        keepTrying()
      }
      advance()
    },
  }

  const enqueue = (job: Job) => {
    if (isClosed) return fail([job], 'the service is stopping')
    if (outage && connections.length === 0) return fail([job], outage.cause)
    if (queue.length >= size * waitingPerConnection)
      return fail([job], 'too many statements wait for a connection')
    queue.push(job)
    ticker ??= setInterval(tick, tickMs)
    advance()
  }

  /** Whether the next statement would use an idle connection, which the server may just have closed. */
  const isIdle = () => {
    const free = connections.find(({ load }) => load() === 0)
    return free !== undefined && performance.now() - free.lastAnswer() > patienceMs
  }

  return {
    /** See Session.run. */
    run(statement: Statement, values: Row, deadline: Deadline): Promise<Row[]> {
      const { job, promise } = createJob(statement, values, deadline)
      // A read would be sent again. Of a write nobody would know whether it was executed, so that is noticed first.
      if (statement.isRead || !isIdle()) enqueue(job)
      else setTimeout(enqueue, noticeMs, job)
      return promise
    },

    /** Opens a first connection, and tries again until one is open. */
    start: () => void attempt(),

    /** Whether a connection is open, or statements wait for one, or fail at once. */
    state: () => (connections.length > 0 ? 'open' : outage ? 'down' : 'connecting'),

    stats() {
      const loads = connections.map(({ load }) => load())
      const active = loads.filter((load) => load > 0).length
      const inFlight = loads.reduce((sum, load) => sum + load, 0)
      return { active, waiting: inFlight - active + queue.length, max: size }
    },

    /** Closes every connection and rejects what waits. */
    close() {
      isClosed = true
      clearInterval(ticker)
      fail(queue.splice(0), 'the service is stopping')
      for (const connection of [...connections]) connection.close()
    },
  }
}
