import { createApp } from './app'
import { readConfig } from './config'
import { open } from './database'
import { createLog, describeError } from './log'
import { listen } from './server'

try {
  const config = readConfig(process.env)
  const log = createLog({ level: config.logLevel, json: config.production })
  for (const warning of config.warnings) log.warn(warning)
  const database = open(config.database, (change) =>
    change.state === 'connected'
      ? log.info('database connected')
      : log.warn('database disconnected', { reason: describeError(change.cause) }),
  )
  const stop = listen({ app: createApp({ config, database, log }), config, database, log })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, async () => {
      process.once('SIGINT', () => process.exit(1))
      process.once('SIGTERM', () => process.exit(1))
      await stop(signal)
      process.exit(0)
    })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
