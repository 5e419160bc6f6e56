import { type AnyElysia, Elysia } from 'elysia'
import type { KeySetTimes } from './auth/key-set'
import { createAuth, createAuthenticated } from './auth/plugin'
import type { Config } from './config'
import type { Database } from './database'
import { createBodyReader, createJsonReader } from './http/body'
import { crossOrigin } from './http/cors'
import { errorHandler } from './http/error-handler'
import { responseHeaders } from './http/headers'
import { observeRequests } from './http/request-log'
import { createShutdown, type Shutdown } from './http/shutdown'
import type { Log } from './log'
import { createRequestOriginCheck } from './mcp/origin'
import type { Metrics } from './metrics'
import { conversationRoutes } from './routes/conversations'
import { documentationRoutes } from './routes/documentation'
import { healthRoutes } from './routes/health'
import { mcpRoutes } from './routes/mcp'
import { mcpMetadataRoutes } from './routes/mcp-metadata'
import { meRoutes } from './routes/me'
import { messageRoutes } from './routes/messages'
import { metricsRoutes } from './routes/metrics'
import { taskRoutes } from './routes/tasks'

export interface Parts {
  config: Config
  database: Database
  log: Log
  shutdown?: Shutdown
  metrics?: Metrics
  /** How often published keys are fetched; by default as src/auth/key-set.ts says. */
  keySetTimes?: KeySetTimes
}

/** The whole service, without listening. */
export const createApp = ({
  config,
  database,
  log,
  shutdown = createShutdown(),
  metrics,
  keySetTimes,
}: Parts) => {
  const { mcp } = config
  const itself = (): AnyElysia => app
  const { authenticate, authenticateAssistant, keySet } = createAuth(config, log, keySetTimes)
  const readJson = createJsonReader(shutdown)
  const readBody = createBodyReader(readJson, () => itself().routes)
  const authenticated = createAuthenticated(authenticate, readBody)
  const isOriginAllowed = createRequestOriginCheck(config.corsOrigins)
  const forMcp = { database, authenticate: authenticateAssistant, readJson, log, isOriginAllowed, mcp }

  const app = new Elysia({ name: 'todo-backend', handler: { standardHostname: false } })
    .onStart(() => keySet?.start())
    .onStop(() => keySet?.stop())
    .use(observeRequests(log, metrics))
    .use(responseHeaders(shutdown))
    .use(crossOrigin(log, isOriginAllowed))
    .use(errorHandler(itself, database, log))
    .use(taskRoutes(database, authenticated))
    .use(conversationRoutes(database, authenticated))
    .use(messageRoutes(database, authenticated))
    .use(mcpRoutes(forMcp))
    .use(mcpMetadataRoutes(mcp))
    .use(meRoutes(authenticated))
    .use(healthRoutes(database, shutdown, keySet))
    .use(metricsRoutes(metrics))
    .use(documentationRoutes(itself))
  return app
}

export type App = ReturnType<typeof createApp>
