import type { Socket } from 'node:net'
import postgres, { type Options, type Sql } from 'postgres'
import type { PostgresHost, PostgresLocation } from '../../config/postgres-location'
import { type Encryption, openSocket } from './socket'
import { types } from './types'

/** A client of postgres.js with one connection, which is not opened again once it has closed. */
export interface Client {
  sql: Sql
  /** How long opening it took, in milliseconds: several times as long as an answer takes. */
  openedInMs: number
  readonly isClosed: boolean
  /** Called once, when the connection has closed. */
  onClose(listener: () => void): void
  /** Closes the connection at once; what is in flight on it is rejected. */
  close(): void
}

export interface Attempt {
  location: PostgresLocation
  host: PostgresHost
  encryption: Encryption
  /** Longest silence of the server while the connection is opened, in milliseconds. */
  silenceMs: number
  /** Seconds after which it closes if it is idle; never if undefined. */
  idleTimeoutS?: number
  /** Called whenever the server sends something while the connection is opened. */
  onProgress?(): void
}

/** Longest that opening a connection may take, however much progress it makes. */
const maxOpeningMs = 30_000

const failure = (code: string, message: string) => Object.assign(new Error(message), { code })

const silent = (ms: number) => failure('CONNECT_TIMEOUT', `no answer on connecting for ${ms} ms`)

/**
 * Opens a connection to one server and waits for its first answer. A distant server may take many
 * times `silenceMs`, as long as it answers step by step. Rejects with what the socket, TLS or
 * postgres.js reports, or with the code CONNECT_TIMEOUT.
 */
export const openClient = async (attempt: Attempt): Promise<Client> => {
  const { location, host, encryption, silenceMs, idleTimeoutS, onProgress } = attempt
  const startedAt = performance.now()
  /** Those of the connection itself: the plain one, and the encrypted one around it. */
  const sockets = new Set<Socket>()
  const listeners: (() => void)[] = []
  let state: 'opening' | 'open' | 'closed' = 'opening'
  const isClosed = () => state === 'closed'
  const { promise: timedOut, reject: giveUp } = Promise.withResolvers<never>()
  const silence = setTimeout(() => giveUp(silent(silenceMs)), silenceMs)
  const limit = setTimeout(() => giveUp(silent(maxOpeningMs)), Math.max(maxOpeningMs, silenceMs))
  const onStep = () => void silence.refresh()
  const onData = () => {
    silence.refresh()
    onProgress?.()
  }

  const track = (socket: Socket) => {
    // A request to cancel a statement ends by itself, and has to arrive though the connection closes.
    if (state !== 'opening') return
    sockets.add(socket)
    socket.on('connect', onStep).on('secureConnect', onStep).on('data', onData)
  }

  /** Called by postgres.js: for the connection, and once it is open, to cancel a statement. */
  const socket = async () => {
    // postgres.js would connect again by itself: when to, and for whom, is decided in the pool.
    if (state === 'closed' || (state === 'opening' && sockets.size > 0))
      throw failure('CONNECTION_CLOSED', 'the server closed the connection')
    const opened = await openSocket(host, location.tls, encryption, track)
    if (isClosed()) opened.destroy()
    return opened
  }

  const close = () => {
    if (state === 'closed') return
    state = 'closed'
    // At once: end() alone would wait for connections that are lost.
    void sql.end({ timeout: 0 }).finally(() => {
      for (const each of sockets) each.destroy()
    })
    for (const listener of listeners) listener()
  }

  const sql = postgres({
    host: host.host,
    port: host.port,
    user: location.user,
    pass: location.password,
    database: location.database,
    // Encryption is up to the socket.
    ssl: false,
    max: 1,
    // Its failure would be an unhandled rejection, and no array type is used here.
    fetch_types: false,
    backoff: () => 0,
    keep_alive: location.keepaliveIdleS,
    idle_timeout: idleTimeoutS,
    // For requests to cancel a statement; opening the connection has its own limits.
    connect_timeout: maxOpeningMs / 1000,
    onnotice: () => {},
    onclose: close,
    socket,
    // All are tracked by PgBouncer, so they hold behind a transaction-mode pooler too.
    connection: { ...location.runtimeParameters, TimeZone: 'UTC', DateStyle: 'ISO' },
    types,
  } as Options<typeof types>)

  try {
    await Promise.race([sql.unsafe('SELECT 1'), timedOut])
  } catch (error) {
    close()
    throw error
  } finally {
    clearTimeout(silence)
    clearTimeout(limit)
    for (const each of sockets) each.off('data', onData)
  }
  state = 'open'
  return {
    sql,
    openedInMs: performance.now() - startedAt,
    get isClosed() {
      return isClosed()
    },
    onClose: (listener) => void listeners.push(listener),
    close,
  }
}
