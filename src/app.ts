import { type AnyElysia, Elysia } from 'elysia'
import { createAuthenticate } from './auth/authenticate'
import { userOf } from './auth/plugin'
import { createVerifier } from './auth/verifier'
import type { Config } from './config'
import type { Database } from './database'
import { protectAnswers } from './http/api-headers'
import { crossOrigin, preflight } from './http/cors'
import { everyAnswer } from './http/every-answer'
import { createLifecycle, type Lifecycle, retire } from './http/lifecycle'
import { problems, type Unrouted } from './http/problems'
import { addRequestId } from './http/request-id'
import { logRequests } from './http/request-log'
import { observeRequests } from './http/requests'
import { explainUnrouted } from './http/unrouted'
import type { Log } from './log'
import type { Metrics } from './metrics'
import { documentationRoutes } from './openapi/routes'
import { conversationRoutes } from './routes/conversations'
import { healthRoutes } from './routes/health'
import { meRoutes } from './routes/me'
import { messageRoutes } from './routes/messages'
import { metricsRoutes } from './routes/metrics'
import { taskRoutes } from './routes/tasks'

export interface Parts {
  config: Config
  database: Database
  log: Log
  lifecycle?: Lifecycle
  metrics?: Metrics
}

/** The whole service, without listening. */
export const createApp = ({ config, database, log, lifecycle = createLifecycle(), metrics }: Parts) => {
  let isWarned = false
  const warnOfEndlessToken = () => {
    if (!isWarned) log.warn('a token without exp was accepted: it stays valid until its key is changed')
    isWarned = true
  }
  const verifier = createVerifier(config.auth, log)
  const authenticate = createAuthenticate(verifier.verify, config.auth, warnOfEndlessToken)

  const itself = (): AnyElysia => app
  // Under /api even the paths that do not exist are shown to users alone.
  const unrouted: Unrouted = async (request, path) => {
    if (/^\/api(\/|$)/.test(path)) await userOf(request, authenticate)
    return explainUnrouted(itself().routes, path)
  }

  const app = new Elysia({ name: 'todo-backend', handler: { standardHostname: false }, normalize: false })
    .decorate('lifecycle', lifecycle)
    .onStart(verifier.prepare)
    .use(observeRequests([...logRequests(log), ...(metrics ? [metrics] : [])]))
    .use(everyAnswer(addRequestId, protectAnswers, crossOrigin(config.corsOrigins), retire(lifecycle)))
    .use(preflight())
    .use(problems(log, unrouted))
    .use(healthRoutes(database, lifecycle))
    .use(metricsRoutes(metrics))
    .use(meRoutes(authenticate))
    .use(taskRoutes(database, authenticate))
    .use(conversationRoutes(database, authenticate))
    .use(messageRoutes(database, authenticate))
    .use(documentationRoutes(itself))
  return app
}

export type App = ReturnType<typeof createApp>
