import type { App } from './app'
import type { Config } from './config'
import type { Database } from './database'
import type { Log } from './log'

/** The port cannot be listened on. */
export class ListenError extends Error {
  override name = 'ListenError'
}

interface Parts {
  app: App
  config: Config
  database: Database
  log: Log
}

/** Longest that running requests may take to finish once the service is told to stop. */
const drainMs = 9000

/** Listens; throws ListenError where the address cannot be had. Stop with the function it gives. */
export const listen = ({ app, config, database, log }: Parts) => {
  const { host, port } = config
  try {
    app.listen({
      hostname: host,
      port,
      // Elysia's default would let a second server share the port in silence.
      reusePort: false,
      development: false,
      idleTimeout: 30,
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    })
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    const reason = isTaken ? `port ${port} is in use by another program` : String(cause)
    throw new ListenError(`Cannot listen on ${host}:${port}: ${reason}.`, { cause })
  }
  log.info('listening', { url: String(app.server?.url) })

  return async (reason: string) => {
    log.info('stopping', { reason })
    await Promise.race([app.stop(), Bun.sleep(drainMs)])
    await database.close()
    log.info('stopped')
  }
}
