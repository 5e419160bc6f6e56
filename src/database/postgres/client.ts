import { connect, type Socket } from 'node:net'
import postgres, { type Options, type Sql } from 'postgres'
import { within } from '../time'

/** libpq's parameters that postgres.js knows or that the server should see; poolers refuse others. */
const passedOn = new Set(['ssl', 'sslmode', 'sslrootcert', 'options', 'target_session_attrs'])

const withoutForeignParameters = (text: string) => {
  const [base, search = ''] = text.split('?', 2)
  const kept = [...new URLSearchParams(search)].filter(([name]) => passedOn.has(name))
  return kept.length > 0 ? `${base}?${new URLSearchParams(kept)}` : `${base}`
}

/**
 * `2026-02-14 09:30:00.5+00`, as Postgres writes it, to `2026-02-14T09:30:00.500Z`. What has no such
 * form (`infinity`, and years before Christ) stays as it is.
 */
export const toIsoTime = (text: string) => {
  if (text.length === 26 && text.endsWith('+00')) return `${text.slice(0, 10)}T${text.slice(11, 23)}Z`
  const isPlain = text.length >= 22 && text.length <= 26 && text.charCodeAt(10) === 32 && text.endsWith('+00')
  if (isPlain) return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(3, '0')}Z`
  const time = new Date(text.replace(/([+-]\d\d)$/, '$1:00'))
  return Number.isNaN(time.getTime()) ? text : time.toISOString()
}

const settings = {
  max: 1,
  // Its failure would be an unhandled rejection, and no array type is used here.
  fetch_types: false,
  // The pool decides when to connect.
  backoff: () => 0,
  keep_alive: 30,
  onnotice: () => {},
  // Both are tracked by PgBouncer, so they hold behind a transaction-mode pooler too.
  connection: { application_name: 'todo-backend', TimeZone: 'UTC', DateStyle: 'ISO' },
  types: {
    int8: { to: 20, from: [20], parse: Number, serialize: String },
    timestamptz: { to: 1184, from: [1184], parse: toIsoTime, serialize: String },
  },
}

/** What postgres.js calls for a socket; its types do not say so. */
interface Target {
  host: string[]
  port: number[]
}

const failure = (code: string, message: string) => Object.assign(new Error(message), { code })

/** A client of postgres.js with one connection, which is not opened again once it has closed. */
export interface Client {
  sql: Sql
  readonly isClosed: boolean
  /** Called once, when the connection has closed. */
  onClose(listener: () => void): void
  /** Closes the connection at once; what is under way on it is rejected. */
  close(): void
}

/**
 * Opens a connection and waits for its first answer, at most `limitMs` milliseconds. Rejects with what
 * the socket or postgres.js reports, or with CONNECT_TIMEOUT.
 */
export const openClient = async (url: string, limitMs: number, idleTimeoutS?: number): Promise<Client> => {
  const sockets = new Set<Socket>()
  const listeners: (() => void)[] = []
  let state: 'opening' | 'open' | 'closed' = 'opening'

  const openSocket = async ({ host: [host = ''], port: [port = 0] }: Target): Promise<Socket> => {
    // postgres.js would connect again by itself: when to, and for whom, is decided in the pool. Once the
    // connection is open, only requests to cancel a statement need another socket.
    if (state === 'closed' || (state === 'opening' && sockets.size > 0))
      throw failure('CONNECTION_CLOSED', 'the server closed the connection')
    const socket = connect(port, host)
    sockets.add(socket)
    socket.once('close', () => state !== 'opening' && sockets.delete(socket))
    await within(
      limitMs,
      new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve)
        socket.once('error', reject)
      }),
      () => failure('CONNECT_TIMEOUT', `no connection within ${limitMs} ms`),
    ).catch((error) => {
      socket.destroy()
      throw error
    })
    // postgres.js reads the name that the server's certificate must have from here.
    return Object.assign(socket, { host })
  }

  const close = () => {
    if (state === 'closed') return
    state = 'closed'
    // At once: end() alone would wait for connections that are lost.
    void sql.end({ timeout: 0 }).finally(() => {
      for (const socket of sockets) socket.destroy()
    })
    for (const listener of listeners) listener()
  }

  const sql = postgres(withoutForeignParameters(url), {
    ...settings,
    idle_timeout: idleTimeoutS,
    connect_timeout: limitMs / 1000,
    onclose: close,
    socket: openSocket,
  } as Options<typeof settings.types>)

  try {
    await within(limitMs, sql.unsafe('SELECT 1'), () =>
      failure('CONNECT_TIMEOUT', `no answer on connecting within ${limitMs} ms`),
    )
  } catch (error) {
    close()
    throw error
  }
  state = 'open'
  return {
    sql,
    get isClosed() {
      return state === 'closed'
    },
    onClose: (listener) => void listeners.push(listener),
    close,
  }
}

/**
 * Whether named prepared statements hold from one transaction to the next. Behind a pooler (the
 * process id announced is not the one that serves) they do only if the pooler keeps track of them,
 * and then they bear names of its own: PgBouncer since 1.21, and so Neon's, but not before.
 */
export const keepsPreparedStatements = async ({ sql }: Client): Promise<boolean> => {
  const found = await sql.unsafe<{ pid: number; names: string | null }[]>(
    `SELECT pg_backend_pid() AS pid, string_agg(name, ',') AS names FROM pg_prepared_statements`,
    [],
    { prepare: true, simple: false } as never,
  )
  const [{ pid, names }] = found as unknown as [{ pid: number; names: string | null }]
  if (pid === found.state.pid) return true
  return names !== null && !names.split(',').includes(found.statement.name)
}
