import type { App } from './app'
import type { Config } from './config'
import type { Database } from './database'
import { within } from './database/time'
import type { Shutdown } from './http/shutdown'
import { describeError, type Log } from './log'

/** The port cannot be listened on. */
export class ListenError extends Error {
  override name = 'ListenError'
}

interface Parts {
  app: App
  config: Config
  database: Database
  shutdown: Shutdown
}

/** How long a service told to stop still serves, for proxies to notice that it will not for long. */
const graceMs = 1000
/** Longest that running requests may take to finish after that. */
const drainMs = 8000
/** Longest that those may take which are answered with an error then. */
const answerMs = 500
/** Longest that all of it may take. */
const stopMs = graceMs + drainMs + 2 * answerMs + 1000
/** Longest that the last lines of the log may take. */
const flushMs = 500
/** Signals so close are one: a terminal signals the whole group, and `bun run` passes its own on. */
const sameSignalMs = 300

/**
 * Seconds without a byte after which Bun closes a connection, even while its handler runs. So this is
 * longer than any request may wait for the database, and than proxies keep connections for reuse (60 s).
 */
const idleTimeoutS = 90

/** Listens; throws ListenError if the address cannot be listened on. */
export const listen = ({ app, config, database, shutdown }: Parts) => {
  const { host, port } = config
  try {
    app.listen({
      hostname: host,
      port,
      // Elysia's default would let a second server share the port in silence.
      reusePort: false,
      development: false,
      idleTimeout: idleTimeoutS,
      // Bun's own 413 has none of our headers; the limit that counts is in http/body.ts.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    })
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    const reason = isTaken ? 'the port is in use by another program' : String(cause)
    throw new ListenError(`Cannot listen on ${host}:${port}: ${reason}.`, { cause })
  }

  /** Stops serving: `withGrace` first waits for proxies to notice. */
  const stop = async (withGrace: boolean) => {
    shutdown.hasBegun = true
    if (withGrace) await Bun.sleep(graceMs)
    const drained = app.server?.stop()
    await Promise.race([drained, Bun.sleep(drainMs)])
    // What still runs gets an error as its response; closing the connection would be none.
    for (const end of shutdown.onEnd) end()
    await database.close()
    await Promise.race([drained, Bun.sleep(answerMs)])
    await app.server?.stop(true)
  }
  return { url: String(app.server?.url), stop }
}

interface Exit {
  stop(withGrace: boolean): Promise<void>
  log: Log
}

/**
 * Ends the process in order: at the first signal with exit code 0, after an error that nothing caught
 * with 1, since nobody knows what it left behind. A second signal ends it at once.
 */
export const exitCleanly = ({ stop, log }: Exit) => {
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
      if (exitingSince !== undefined) {
        if (performance.now() - exitingSince > sameSignalMs) process.exit(1)
        return
      }
      log.info('stopping', { signal })
      // Somebody at a terminal has no proxy that must notice first.
      void exit(0, signal === 'SIGTERM')
    })

  const onUncaught = (error: unknown) => {
    log.error('uncaught error', {
      reason: describeError(error),
      stack: error instanceof Error ? error.stack : undefined,
    })
    if (exitingSince === undefined) void exit(1, false)
  }
  process.on('uncaughtException', onUncaught)
  process.on('unhandledRejection', onUncaught)
}
