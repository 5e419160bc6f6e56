import { Elysia } from 'elysia'
import { brief, type Fields, type Level, type Log } from '../log'
import type { Metrics } from '../metrics'

/** Why a request failed: fields of its line of the log, the level of that line, and what it is called. */
export type Failure = Fields & { level: Level; message?: string }

/** What is noted of a request until its line is written. */
export interface Trace {
  startedAt: number
  /** The tool that an assistant called, if any, and whether it returned an error. */
  tool?: string
  hasToolFailed?: boolean
  failure?: Failure
}

interface HandledRequest extends Partial<Trace> {
  method: string
  path: string
  /** The pattern of the route, without ids; undefined if no route matched. */
  route?: string
  status: number
  requestId: string
  seconds?: number
}

/** nginx's status for a client that closed the connection before the response. */
const clientLeft = 499

const probe = /^\/health(\/live)?\/?$/

/** Writes the one line of a request: never a query, a token, a body or a tool's arguments. */
const logRequest = (log: Log, request: HandledRequest) => {
  const { method, path, status, seconds, requestId, tool, failure } = request
  const usual: Failure = { level: status < 400 && probe.test(path) ? 'debug' : 'info' }
  const { level, message = 'request', ...fields } = failure ?? usual
  log[level](message, {
    method: brief(method),
    path: brief(path),
    status,
    duration_ms: seconds && Math.round(seconds * 1e5) / 100,
    request_id: requestId,
    tool,
    ...fields,
  })
}

/** Adds why a request failed to its line; at levels without such lines, writes one at once. */
export const noteFailure = (log: Log, failure: Failure, request: HandledRequest, trace?: Trace) => {
  if (trace) trace.failure = failure
  else logRequest(log, { ...request, failure })
}

/** Adds a `trace` to each request, and logs and counts it afterwards; adds no hooks if nothing needs them. */
export const observeRequests = (log: Log, metrics?: Metrics) => {
  const plugin = new Elysia({ name: 'observe-requests' }).decorate('trace', undefined as Trace | undefined)
  if (!log.enabled('info') && !metrics) return plugin
  return plugin
    .onRequest((context) => {
      context.trace = { startedAt: performance.now() }
      metrics?.started()
    })
    .onAfterResponse({ as: 'global' }, ({ request, route, path, set, trace }) => {
      const handled = {
        method: request.method,
        route: route || undefined,
        path,
        status: request.signal.aborted ? clientLeft : Number(set.status ?? 200),
        seconds: (performance.now() - (trace?.startedAt ?? 0)) / 1000,
        requestId: String(set.headers['x-request-id']),
        ...trace,
      }
      logRequest(log, handled)
      metrics?.finished(handled)
    })
}
