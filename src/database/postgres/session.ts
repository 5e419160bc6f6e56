import type { PostgresLocation } from '../../config/postgres-url'
import { migratePostgres } from '../migrations/migrate-postgres'
import { createBackoff, type Session, type SessionOptions } from '../session'
import { plainStatement } from '../statement'
import { retryMs } from '../time'
import type { Client } from './client'
import { connect } from './connect'
import { type ConnectionEvents, createConnection } from './connection'
import { createPool } from './pool'

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
  let prepares = true
  let usualMs = 0
  let isFirstConnection = true
  let settingUp: Promise<void> | undefined

  const openClient = async (): Promise<Client> => {
    const client = await connect(location, prepares, usualMs)
    usualMs = client.openedInMs
    if (!client.losesStatements) return client
    prepares = false
    client.close()
    return openClient()
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
      const client = await openClient()
      try {
        if (isFirstConnection || !client.hasLedger) await setUpOnce(client)
      } catch (error) {
        client.close()
        throw error
      }
      return createConnection(client, events)
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
      pool.close()
      pings.close()
    },
  }
}
