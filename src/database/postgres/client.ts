import { connect as connectSocket, type Socket } from 'node:net'
import postgres, { type Options, type Sql } from 'postgres'
import type { PostgresLocation } from '../../config/postgres-url'
import { ledgerName } from '../migrations/plan'
import { plainStatement } from '../statement'
import { tlsOptions } from './tls'
import { types } from './types'

/** How long a request to cancel a statement may take, in milliseconds. */
const cancelLimitMs = 30_000

/** TCP probes an idle connection after this many seconds, so that networks do not forget it. */
const keepAliveS = 30

/** The first query of each connection. */
const { template: introduction } = plainStatement(
  `SELECT pg_backend_pid() AS pid, to_regclass('${ledgerName}') IS NOT NULL AS has_ledger,
    (SELECT string_agg(name, ',') FROM pg_prepared_statements) AS names`,
)
type Introduction = [{ pid: number; has_ledger: boolean; names: string | null }]

/** The error of a connection that somebody has closed. */
export const closedMeanwhile = () =>
  Object.assign(new Error('the connection was closed'), { code: 'CONNECTION_CLOSED' })

/** Connects a socket. Rejects with its error. */
const connected = async (socket: Socket) => {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.once('connect', resolve).once('error', reject)
  socket.once('close', () => reject(closedMeanwhile()))
  await promise
}

export type Opening = ReturnType<typeof openClient>
export type Client = Awaited<Opening['client']>

/**
 * Starts to open a connection: a postgres.js client that never opens another one. `prepares` says whether its
 * statements are prepared. Rejects with what the socket, TLS or postgres.js reports.
 */
export const openClient = ({ host, port, ...location }: PostgresLocation, prepares: boolean) => {
  const startedAt = performance.now()
  const listeners: (() => void)[] = []
  let state: 'opening' | 'open' | 'closed' = 'opening'
  let sql: Sql | undefined
  let ownSocket: Socket | undefined

  /** postgres.js asks for the socket of the connection, and later for those of requests to cancel. */
  const createSocket = async () => {
    const isCancel = state === 'open'
    // It would also open the connection again, which is decided by the pool.
    if (!isCancel && (ownSocket || state === 'closed')) throw closedMeanwhile()
    const path = `${host}/.s.PGSQL.${port}`
    const socket = host.startsWith('/') ? connectSocket(path) : connectSocket(port, host)
    // An error without a listener would end the process.
    socket.on('error', () => {})
    // A request to cancel has to arrive even if the connection is closed meanwhile.
    if (isCancel) setTimeout(() => socket.destroy(), cancelLimitMs).unref()
    else ownSocket = socket
    await connected(socket)
    // From there postgres.js takes the server name for TLS.
    return Object.assign(socket, { host })
  }

  const close = () => {
    if (state === 'closed') return
    state = 'closed'
    // end() tells the server, but would wait for one that does not answer, and for a handshake.
    if (sql) void sql.end({ timeout: 0 }).finally(() => ownSocket?.destroy())
    for (const listener of listeners) listener()
  }

  const open = async () => {
    const { user, password = '', database, parameters } = location
    const options = {
      host,
      port,
      user,
      pass: () => password,
      database,
      ssl: await tlsOptions({ host, port, ...location }),
      socket: createSocket,
      prepare: prepares,
      keep_alive: keepAliveS,
      onclose: close,
      onnotice: () => {},
      // PgBouncer tracks all of these, so they also work in transaction mode.
      connection: { ...parameters, TimeZone: 'UTC', DateStyle: 'ISO' },
      types,
      max: 1,
      // A slow server is waited for.
      connect_timeout: null,
      // A statement that is sent while the driver closes a connection by itself would be lost.
      max_lifetime: null,
      idle_timeout: null,
      // Array types are not used here, and a failure to fetch them would be an unhandled rejection.
      fetch_types: false,
      // What is not stated, postgres.js would read from variables of the environment.
      ...{ max_pipeline: 100, backoff: 0, debug: false, sslnegotiation: null },
    }
    const opened = postgres(options as unknown as Options<typeof types>) as unknown as Sql
    sql = opened
    const found = await opened<Introduction>(introduction)
    if (state === 'closed') throw closedMeanwhile()
    state = 'open'
    const [{ pid, has_ledger, names }] = found
    // A pooler is recognized by the process id: the one announced at connect is not the one that executes the
    // query. It tracks prepared statements (PgBouncer since 1.21, Neon's too) if it has renamed this one.
    const isPooled = pid !== found.state.pid
    const isTracked = names !== null && !names.split(',').includes(found.statement.name)
    return {
      sql: opened,
      prepares,
      /** How long it took, in milliseconds; several round trips. */
      openedInMs: performance.now() - startedAt,
      /** Whether a pooler on the way loses prepared statements between two transactions. */
      losesStatements: prepares && isPooled && !isTracked,
      /** Whether the database had a ledger of migrations. */
      hasLedger: has_ledger,
      isClosed: () => state === 'closed',
      /** Registers what is called once, when it has closed. */
      onClose: (listener: () => void) => void listeners.push(listener),
      close,
    }
  }

  const client = open().catch((error) => {
    close()
    throw error
  })
  return { client, abort: close }
}
