import type { App } from './app'
import type { Config } from './config'
import type { Database } from './database'
import { within } from './database/time'
import type { Shutdown } from './http/shutdown'
import { describeError, type Log } from './log'

// The time limits of a stop, in milliseconds.
const graceMs = 1000 // requests are still accepted, so that proxies notice
const drainMs = 8000 // running requests may finish
const answerMs = 500 // the remaining ones are answered with an error
const stopMs = 11_000 // all of this, and closing the database
const flushMs = 500 // the last log lines are written

/**
 * Signals this close together count as one: a terminal signals the whole process group, and `bun run` also
 * forwards its own.
 */
const sameSignalMs = 300

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined)

/** The codes of errors for an address of IPv6, where there is no IPv6. */
const withoutIpv6 = new Set<unknown>(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])

/** Listens on HOST, otherwise on all addresses of IPv6 and IPv4; throws Error if the address cannot be listened on. */
export const listen = (app: App, { host, port }: Config, database: Database, shutdown: Shutdown) => {
  const listenOn = (hostname: string) =>
    app.listen({
      hostname,
      port,
      // By Elysia's default, a second server would silently share the port.
      reusePort: false,
      development: false,
      // Seconds without a byte, even while a handler runs: more than a request may wait for the database, and than
      // proxies keep a connection for reuse (60 s).
      idleTimeout: 90,
      // Bun's own 413 has none of our headers; the limit that counts is in http/body.ts.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    })
  try {
    try {
      listenOn(host ?? '::')
    } catch (error) {
      if (host !== undefined || !withoutIpv6.has(codeOf(error))) throw error
      listenOn('0.0.0.0')
    }
  } catch (cause) {
    const reason = codeOf(cause) === 'EADDRINUSE' ? 'the port is in use by another program' : String(cause)
    throw new Error(`Cannot listen on ${host ?? '::'}:${port}: ${reason}.`, { cause })
  }

  /** Stops serving: `withGrace` first waits for proxies to notice. */
  const stop = async (withGrace: boolean) => {
    shutdown.hasBegun = true
    if (withGrace) await Bun.sleep(graceMs)
    const drained = app.server?.stop()
    await Promise.race([drained, Bun.sleep(drainMs)])
    // The remaining requests are answered with an error instead of a closed connection.
    for (const end of shutdown.onEnd) end()
    await database.close()
    await Promise.race([drained, Bun.sleep(answerMs)])
    await app.stop(true)
  }
  // An address for all addresses is none that a browser opens.
  const url = String(app.server?.url).replace(/\/\/(?:\[::\]|0\.0\.0\.0)(?=:|\/)/, '//localhost')
  return { url, stop }
}

/**
 * Shuts the process down in order: on the first signal with exit code 0, after an uncaught error with 1,
 * because the state of the process is then unknown. A second signal ends it at once.
 */
export const exitCleanly = ({ stop, log }: { stop(withGrace: boolean): Promise<void>; log: Log }) => {
  let exitingSince: number | undefined

  const exit = async (code: number, withGrace: boolean) => {
    exitingSince = performance.now()
    try {
      await within(stopMs, stop(withGrace), () => new Error('it took too long'))
      log.info('stopped')
    } catch (error) {
      log.error('stopping failed', { reason: describeError(error) })
      code = 1
    }
    await log.flush(flushMs)
    process.exit(code)
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (exitingSince !== undefined)
        return performance.now() - exitingSince > sameSignalMs ? process.exit(1) : undefined
      log.info('stopping', { signal })
      // At a terminal there is no proxy that has to notice first.
      void exit(0, signal === 'SIGTERM')
    })

  const onUncaught = (error: unknown) => {
    const stack = error instanceof Error ? error.stack : undefined
    log.error('uncaught error', { reason: describeError(error), stack })
    if (exitingSince === undefined) void exit(1, false)
  }
  process.on('uncaughtException', onUncaught)
  process.on('unhandledRejection', onUncaught)
}
