import { createApp } from './app'
import { readConfig } from './config'
import { open } from './database'
import { createLog, logStates } from './log'
import { loadMetrics } from './metrics/load'
import { listen, stopOnSignals, surviveStrayErrors } from './server'

try {
  const config = readConfig(process.env)
  const log = createLog({ level: config.logLevel, json: config.production })
  const lifecycle = { stopping: false }
  for (const warning of config.warnings) log.warn(warning)
  surviveStrayErrors(log)

  const database = await open(config.database, logStates(log))
  const metrics = config.metrics ? await loadMetrics(database) : undefined
  const app = createApp({ config, database, log, lifecycle, metrics })
  const { url, stop } = listen({ app, config, database, log, lifecycle })
  stopOnSignals(stop)
  log.info('listening', { url })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
