import type { PostgresLocation } from '../../config/postgres-url'
import { patienceMs } from '../time'
import { type Client, type Opening, openClient } from './client'

/** How many attempts may be in progress at once. */
const maxAttempts = 8

/**
 * Opens a connection, however slow the server is. As long as no attempt has ended, another one is started every
 * second: a network that is back may take a minute to send the packets of the first one again. The first that
 * succeeds wins, and the others are aborted. Rejects with what the socket, TLS or postgres.js reports.
 *
 * @param usualMs how long it took before, so that a distant server is not asked twice.
 */
export const connect = async (
  location: PostgresLocation,
  prepares: boolean,
  usualMs: number,
  signal: AbortSignal,
): Promise<Client> => {
  const attempts: Opening[] = []
  const ended = Promise.withResolvers<Opening>()

  const start = () => {
    if (signal.aborted) for (const { abort } of [...attempts]) abort()
    if (signal.aborted) return
    const attempt = openClient(location, prepares)
    attempts.push(attempt)
    attempt.client.then(
      () => ended.resolve(attempt),
      () => {
        const index = attempts.indexOf(attempt)
        if (index >= 0) attempts.splice(index, 1)
        if (attempts.length === 0) ended.resolve(attempt)
      },
    )
    // The first one stays, since a slow server needs its time.
    for (const { abort } of attempts.splice(1, attempts.length - maxAttempts)) abort()
  }

  start()
  const timer = setInterval(start, Math.max(patienceMs, 2 * usualMs))
  const first = await ended.promise
  clearInterval(timer)
  for (const attempt of attempts.splice(0)) if (attempt !== first) attempt.abort()
  return first.client
}
