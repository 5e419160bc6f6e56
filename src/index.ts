import { createApp } from './app'
import { readConfig } from './config'
import { open } from './database'
import { createShutdown } from './http/shutdown'
import { createLog, logMigrations, logStates } from './log'
import { loadMetrics } from './metrics/load'
import { exitCleanly, listen } from './server'

try {
  const config = readConfig(process.env)
  const log = createLog({ level: config.logLevel, json: config.production })
  const shutdown = createShutdown()
  for (const warning of config.warnings) log.warn(warning)

  const database = await open(config.database, logStates(log), logMigrations(log))
  const metrics = config.metrics ? await loadMetrics(database) : undefined
  const app = createApp({ config, database, log, shutdown, metrics })
  const { url, stop } = listen(app, config, database, shutdown)
  exitCleanly({ stop, log })
  log.info('listening', { url })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
