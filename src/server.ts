import type { App } from './app'
import type { Config } from './config'
import type { Database } from './database'
import type { Lifecycle } from './http/lifecycle'
import { describeError, type Log } from './log'

export type Signal = 'SIGINT' | 'SIGTERM'

/** The port cannot be listened on. */
export class ListenError extends Error {
  override name = 'ListenError'
}

interface Parts {
  app: App
  config: Config
  database: Database
  log: Log
  lifecycle: Lifecycle
}

/** How long a service told to stop still serves, for proxies to notice that it will not for long. */
const graceMs = 1000
/** Longest that running requests may take to finish after that. */
const drainMs = 8000

/** Listens; throws ListenError where the address cannot be had. */
export const listen = ({ app, config, database, log, lifecycle }: Parts) => {
  const { host, port } = config
  try {
    app.listen({
      hostname: host,
      port,
      // Elysia's default would let a second server share the port in silence.
      reusePort: false,
      development: false,
      idleTimeout: 30,
      // Bun's own 413 has none of our headers; the limit that counts is in http/body.ts.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    })
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    const reason = isTaken ? 'the port is in use by another program' : String(cause)
    throw new ListenError(`Cannot listen on ${host}:${port}: ${reason}.`, { cause })
  }
  const stop = async (signal: Signal) => {
    log.info('stopping', { signal })
    lifecycle.stopping = true
    // Somebody at a terminal has no proxy that must notice first.
    if (signal === 'SIGTERM') await Bun.sleep(graceMs)
    await Promise.race([app.server?.stop(), Bun.sleep(drainMs)])
    await app.server?.stop(true)
    await database.close()
    log.info('stopped')
  }
  return { url: String(app.server?.url), stop }
}

/** Stops at the first signal, with exit code 0; a second one ends the process at once. */
export const stopOnSignals = (stop: (signal: Signal) => Promise<void>) => {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, async () => {
      if (stopping) process.exit(1)
      stopping = true
      await stop(signal)
      process.exit(0)
    })
}

/**
 * Logs what no handler caught, and goes on: every request has a handler of its own, so what ends up
 * here comes from a driver's socket or timer, and is not worth the requests of everybody else.
 */
export const surviveStrayErrors = (log: Log) => {
  const report = (error: unknown) =>
    log.error('stray error', {
      reason: describeError(error),
      stack: error instanceof Error ? error.stack : undefined,
    })
  process.on('uncaughtException', report)
  process.on('unhandledRejection', report)
}
