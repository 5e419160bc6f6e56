import type { PostgresLocation } from '../../config/postgres-url'
import { migratePostgres } from '../migrations/migrate-postgres'
import { createBackoff, type Session, type SessionOptions } from '../session'
import { plainStatement } from '../statement'
import { retryMs } from '../time'
import { type Client, closedMeanwhile } from './client'
import { connect } from './connect'
import { type ConnectionEvents, createConnection } from './connection'
import { createPool } from './pool'

/** Opening a connection that took longer was waiting for something, in milliseconds. */
const maxUsualMs = 5000

const yes = () => true
const no = () => false
const probe = plainStatement('SELECT 1')

interface Options extends SessionOptions {
  location: PostgresLocation
  poolMax: number
  timeoutMs: number
}

/** Access to Postgres. It connects at once, and sets up the schema on its first connection. */
export const openPostgres = (options: Options): Session => {
  const { location, poolMax, timeoutMs, models, state, onMigration } = options
  const withBackoff = createBackoff()
  const closing = new AbortController()
  let prepares = true
  /** How long the quickest opening of a connection took: others may have met a server that was asleep. */
  let usualMs: number | undefined
  let isFirstConnection = true
  let settingUp: Promise<void> | undefined

  /** A client whose statements are prepared only if they are found again. */
  const connectClient = async (): Promise<Client> => {
    const client = await connect(location, prepares, usualMs ?? 0, closing.signal)
    usualMs = Math.min(usualMs ?? maxUsualMs, client.openedInMs)
    if (!client.losesStatements) return client
    prepares = false
    client.close()
    return connectClient()
  }

  const setUp = async ({ sql }: Client) => {
    await migratePostgres(sql, models, { isFirstConnection, onMigration })
    isFirstConnection = false
  }

  /** The schema is set up once, however many connections are opened meanwhile. */
  const setUpOnce = (client: Client) => {
    settingUp ??= setUp(client).finally(() => {
      settingUp = undefined
    })
    return settingUp
  }

  const open = (events: ConnectionEvents) =>
    withBackoff(async () => {
      const client = await connectClient()
      try {
        if (isFirstConnection || !client.hasLedger) await setUpOnce(client)
        if (client.isClosed()) throw closedMeanwhile()
      } catch (error) {
        client.close()
        throw error
      }
      return createConnection(client, usualMs ?? 0, events)
    })

  const waitsFor = () => (settingUp ? 'a migration, or the lock that it needs' : 'an answer of the database')
  const { connected: onAnswer, disconnected: onOutage } = state
  const pool = createPool({ size: poolMax, timeoutMs, open, waitsFor, onAnswer, onOutage })
  /** One more connection for pings: those of the pool may all wait for locks. */
  const pings = createPool({ size: 1, timeoutMs, open, waitsFor, onAnswer() {}, onOutage() {} })

  pool.start()

  return {
    run: pool.run,
    stats: pool.stats,

    async ping(deadline) {
      // Reported with its cause. It ends with the next connection of the pool.
      if (pool.state() === 'down') return false
      try {
        const own = pings.run(probe, {}, deadline)
        const isPrompt = await Promise.race([own.then(yes, no), Bun.sleep(retryMs)])
        // Its connection may be the one that is broken, or the server may accept no other.
        if (!isPrompt) await Promise.any([own, pool.run(probe, {}, deadline)])
        state.connected()
      } catch {
        // If connections were closed while they were idle, the database counts as available until an attempt to
        // connect has failed, since it may be far away.
        if (pool.state() === 'open') state.disconnected(new Error('a ping got no answer in time'))
      }
      return state.isConnected()
    },

    async close() {
      closing.abort()
      pool.close()
      pings.close()
    },
  }
}
