import type { Socket } from 'node:net'
import postgres, { type Options, type Sql } from 'postgres'
import type { PostgresHost, PostgresLocation } from '../../config/postgres-location'
import { ledgerName } from '../migrations/plan'
import { connectionClosed, type Encryption, failure, openSocket } from './socket'
import { types } from './types'

/** A postgres.js client with one connection, which is never reopened. */
export interface Client {
  sql: Sql
  /** How long it took to open, in milliseconds; several round trips. */
  openedInMs: number
  /** Whether the database had a ledger of migrations when the connection was opened. */
  hasLedger: boolean
  readonly isClosed: boolean
  /** Called once, when the connection has closed. */
  onClose(listener: () => void): void
  /** Closes the connection at once and rejects the statements in flight. */
  close(): void
}

export interface Attempt {
  location: PostgresLocation
  host: PostgresHost
  encryption: Encryption
  /** The longest silence of the server while opening, in milliseconds. */
  silenceMs: number
  /** The idle timeout in seconds; none if undefined. */
  idleTimeoutS?: number
  /** Called whenever the server sends data while the connection is being opened. */
  onProgress?(): void
}

/** The time limit for opening a connection, whatever its progress, unless a longer silence is allowed. */
const maxOpeningMs = 30_000

/** The first query of every connection. */
const findLedger = `SELECT to_regclass('${ledgerName}') IS NOT NULL AS found`

const timeout = (message: string) => failure('CONNECT_TIMEOUT', message)

/**
 * Opens a connection to one server and waits for its first answer. A distant server may take many times
 * `silenceMs` in total, as long as it answers each step within that time. Rejects with what the socket, TLS
 * or postgres.js reports, or with the code CONNECT_TIMEOUT.
 */
export const openClient = async (attempt: Attempt): Promise<Client> => {
  const { location, host, encryption, silenceMs, idleTimeoutS, onProgress } = attempt
  const startedAt = performance.now()
  /** The sockets of the connection: the plain one, and the TLS socket that wraps it. */
  const sockets = new Set<Socket>()
  const listeners: (() => void)[] = []
  let state: 'opening' | 'open' | 'closed' = 'opening'
  const isClosed = () => state === 'closed'
  const { promise: timedOut, reject: giveUp } = Promise.withResolvers<never>()
  const silence = setTimeout(
    () => giveUp(timeout(`no response while connecting for ${silenceMs} ms`)),
    silenceMs,
  )
  const openingMs = Math.max(maxOpeningMs, silenceMs)
  const limit = setTimeout(() => giveUp(timeout(`connecting took longer than ${openingMs} ms`)), openingMs)
  const onStep = () => void silence.refresh()
  const onData = () => {
    silence.refresh()
    onProgress?.()
  }

  const track = (socket: Socket) => {
    // That of a cancel request has to arrive even if the connection is closed, so it gets a limit of its own.
    if (state !== 'opening') return void socket.setTimeout(maxOpeningMs, () => socket.destroy())
    sockets.add(socket)
    socket.on('connect', onStep).on('secureConnect', onStep).on('data', onData)
  }

  /** Called by postgres.js for the connection, and later for each cancel request. */
  const socket = async () => {
    const isCancel = state === 'open'
    // postgres.js would reconnect by itself, but that is decided by the pool.
    if (state === 'closed' || (!isCancel && sockets.size > 0)) throw connectionClosed()
    const opened = await openSocket(host, location.tls, encryption, track)
    if (!isCancel && isClosed()) opened.destroy()
    return opened
  }

  const close = () => {
    if (state === 'closed') return
    state = 'closed'
    // end() alone would wait for lost connections.
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
    // TLS is handled by the socket.
    ssl: false,
    max: 1,
    // Array types are not used here, and a failure to fetch them would be an unhandled rejection.
    fetch_types: false,
    backoff: () => 0,
    keep_alive: location.keepaliveIdleS,
    idle_timeout: idleTimeoutS,
    // For the response to a cancel request; its socket and the connection have limits of their own.
    connect_timeout: maxOpeningMs / 1000,
    onnotice: () => {},
    onclose: close,
    socket,
    // PgBouncer tracks all of these, so they also work in transaction mode.
    connection: { ...location.runtimeParameters, TimeZone: 'UTC', DateStyle: 'ISO' },
    types,
  } as Options<typeof types>)

  let hasLedger: boolean
  try {
    const first = sql.unsafe<{ found: boolean }[]>(findLedger)
    hasLedger = (await Promise.race([first, timedOut]))[0]?.found ?? false
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
    hasLedger,
    get isClosed() {
      return isClosed()
    },
    onClose: (listener) => void listeners.push(listener),
    close,
  }
}
