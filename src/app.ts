import { type AnyElysia, Elysia } from 'elysia'
import { createAuthenticate } from './auth/authenticate'
import { createMcpAuthenticate } from './auth/mcp-token'
import { createAuthenticated, userOf } from './auth/plugin'
import { createVerifier } from './auth/verifier'
import type { Config } from './config'
import type { Database } from './database'
import { crossOrigin } from './http/cors'
import { errorHandler, type NoMatch } from './http/error-handler'
import { explainNoMatch } from './http/method-not-allowed'
import { logRequests, observeRequests } from './http/request-observer'
import { responseHeaders } from './http/response-headers'
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
}

/** The whole service, without listening. */
export const createApp = ({ config, database, log, shutdown = createShutdown(), metrics }: Parts) => {
  let isWarned = false
  const warnOfEndlessToken = () => {
    if (!isWarned) log.warn('a token without exp was accepted: it stays valid until its key is changed')
    isWarned = true
  }
  const verifier = createVerifier(config.auth, log)
  const authenticate = createAuthenticate(verifier.verify, config.auth, warnOfEndlessToken)
  const authenticated = createAuthenticated(verifier, authenticate)
  const authenticateMcp = config.mcp
    ? createMcpAuthenticate(verifier.verify, config.mcp, warnOfEndlessToken)
    : authenticate
  const isOriginAllowed = createRequestOriginCheck(config.corsOrigins)

  const itself = (): AnyElysia => app
  // Under /api even an unknown path requires authentication.
  const noMatch: NoMatch = async ({ request, path, jwt }) => {
    if (/^\/api(\/|$)/.test(path)) await userOf({ request, jwt }, authenticate)
    return explainNoMatch(itself().routes, path)
  }

  const setIdleTimeout = (request: Request, seconds: number) => itself().server?.timeout(request, seconds)

  const app = new Elysia({ name: 'todo-backend', handler: { standardHostname: false }, normalize: false })
    .decorate('shutdown', shutdown)
    .onStart(verifier.prepare)
    .use(observeRequests([...logRequests(log), ...(metrics ? [metrics] : [])]))
    .use(responseHeaders(shutdown))
    .use(crossOrigin(isOriginAllowed))
    .use(errorHandler({ log, noMatch, setIdleTimeout, verifier }))
    .use(taskRoutes(database, authenticated))
    .use(conversationRoutes(database, authenticated))
    .use(messageRoutes(database, authenticated))
    .use(
      mcpRoutes({
        database,
        verifier,
        authenticate: authenticateMcp,
        shutdown,
        log,
        isOriginAllowed,
        mcp: config.mcp,
      }),
    )
    .use(mcpMetadataRoutes(config.mcp))
    .use(meRoutes(authenticated))
    .use(healthRoutes(database, shutdown))
    .use(metricsRoutes(metrics))
    .use(documentationRoutes(itself))
  return app
}

export type App = ReturnType<typeof createApp>
