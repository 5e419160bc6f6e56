import { DatabaseUnavailable } from '../errors'
import { within } from '../time'
import type { Client } from './client'
import { type ConnectOptions, silenceMs } from './connect'

/** Longest wait for the answer to a ping, in milliseconds. */
export const pingMs = silenceMs
/** How long a ping may take before other connections are tried, in milliseconds. */
const hedgeMs = 300

const unanswered = () => new DatabaseUnavailable({ cause: new Error('no response to a ping') })

const ping = ({ sql }: Client) => within(pingMs, sql.unsafe('SELECT 1'), unanswered)

interface PingerOptions {
  /** Opens a replacement for a failed connection. */
  open(options: ConnectOptions): Promise<Client>
  /** Resolves when a connection of the pool answers. */
  askPool(): Promise<unknown>
  hasPoolAnsweredSince(moment: number): boolean
}

/**
 * Pings the database over a dedicated connection, so that no ping queues behind statements. If that
 * connection fails, it tries a replacement and the connections of the pool.
 */
export const createPinger = (first: Client, options: PingerOptions) => {
  const { open, askPool, hasPoolAnsweredSince } = options
  let client = first
  let isClosed = false
  let renewing: Promise<void> | undefined
  /** Whether the server answers while a connection is being opened. */
  let isProgressing = false

  const renew = () => {
    if (!renewing) isProgressing = false
    const onProgress = () => {
      isProgressing = true
    }
    renewing ??= open({ onProgress })
      .then((renewed) => {
        if (isClosed) return renewed.close()
        client.close()
        client = renewed
      })
      .finally(() => {
        renewing = undefined
      })
    return renewing
  }

  const answers = async () => {
    const pong = client.isClosed ? Promise.reject(unanswered()) : ping(client)
    const settled = pong.then(
      () => true,
      () => false,
    )
    if (await Promise.race([settled, Bun.sleep(hedgeMs)])) return
    const renewOnceLate = async () => {
      if (!(await Promise.race([settled, Bun.sleep(Math.max(0, client.openedInMs - hedgeMs))]))) await renew()
    }
    const renewal = renewOnceLate()
    // The error of the new connection explains more than the silence of the old one.
    await Promise.any([pong, renewal, askPool()]).catch(() => renewal)
  }

  return {
    /** Asks once more before the session is given up. Rejects unless the database answers. */
    async confirm() {
      const start = performance.now()
      await within(hedgeMs + pingMs, answers(), unanswered).catch((error) => {
        if (!hasPoolAnsweredSince(start)) throw error
      })
    },

    /** Rejects unless the database answers within a time limit, in milliseconds. */
    async ping(limitMs: number) {
      const wasClosed = client.isClosed
      const hasAnswered = answers().then(() => true)
      if (await Promise.race([hasAnswered, Bun.sleep(limitMs)])) return
      // A distant server that closed an idle connection cannot be reconnected to in time. It counts as
      // available if it answers meanwhile, and the next ping tells whether the connection was opened.
      if (!(wasClosed && isProgressing)) throw unanswered()
    },

    close() {
      isClosed = true
      client.close()
    },
  }
}
