import type { App } from './app'
import type { Config } from './config'
import type { Database } from './database'
import { within } from './database/time'
import type { Shutdown } from './http/shutdown'
import { describeError, type Log } from './log'

/** Listening failed. */
export class ListenError extends Error {
  override name = 'ListenError'
}

interface Parts {
  app: App
  config: Config
  database: Database
  shutdown: Shutdown
}

/** How long a stopping service still accepts requests, so that proxies notice. */
const graceMs = 1000
/** How long running requests may take to finish after that. */
const drainMs = 8000
/** How long the remaining requests may take to be answered with an error. */
const answerMs = 500
/** The time limit for the whole shutdown: its phases, and 1.5 s for closing the database. */
const stopMs = graceMs + drainMs + answerMs + 1500
/** The time limit for writing the last log lines. */
const flushMs = 500
/**
 * Signals this close together count as one: a terminal signals the whole process group, and `bun run` also
 * forwards its own.
 */
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
      // By Elysia's default, a second server would silently share the port.
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
    // The remaining requests are answered with an error instead of a closed connection.
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
 * Shuts the process down in order: on the first signal with exit code 0, after an uncaught error with 1,
 * because the state of the process is then unknown. A second signal ends it at once.
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
      // At a terminal there is no proxy that has to notice first.
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
