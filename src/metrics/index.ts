import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Database } from '../database'
import { methods } from '../errors'

interface FinishedRequest {
  method: string
  /** The pattern of the route, without ids; undefined if no route matched. */
  route?: string
  status: number
  seconds: number
  /** The tool that an assistant called, if any, and whether it returned an error. */
  tool?: string
  hasToolFailed?: boolean
}

export interface Metrics {
  started(): void
  finished(request: FinishedRequest): void
  contentType: string
  /** All metrics in the Prometheus text format. */
  render(): Promise<string>
}

/** Methods with their own label. A client could send any number of others. */
const labelled = new Set([...methods, 'HEAD', 'OPTIONS'])

/** The metrics of one process. No label holds an id, a user or a token. */
export const createMetrics = (database: Database): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to its response.',
    labelNames: ['method', 'route'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests by route, method and status.',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const toolCalls = new Counter({
    name: 'mcp_tool_calls_total',
    help: 'Calls of tools by assistants, by tool and outcome: ok or error.',
    labelNames: ['tool', 'outcome'],
    registers,
  })
  let inFlight = 0
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge('http_requests_in_flight', 'Requests without a response yet.', () => inFlight)
  gauge('database_connected', 'Whether the database can be used: 1 or 0.', () =>
    database.status().connected ? 1 : 0,
  )
  gauge(
    'database_statements_active',
    'Statements that the database is executing; always 0 on SQLite.',
    () => database.status().active,
  )
  gauge(
    'database_statements_waiting',
    'Statements that wait for a connection, or behind others on one.',
    () => database.status().waiting,
  )
  gauge('database_pool_max', 'The maximum number of connections.', () => database.status().max)
  gauge('process_resident_memory_bytes', 'Resident memory of the process.', () => process.memoryUsage.rss())
  // Computed once: the two clocks drift apart, and a changing value would look like a restart.
  const startedAt = Date.now() / 1000 - process.uptime()
  gauge('process_start_time_seconds', 'When the process started.', () => startedAt)

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    started() {
      inFlight++
    },
    finished({ method: given, route = 'none', status, seconds, tool, hasToolFailed }) {
      inFlight--
      const method = labelled.has(given) ? given : 'other'
      requests.inc({ method, route, status })
      durations.observe({ method, route }, seconds)
      if (tool) toolCalls.inc({ tool, outcome: hasToolFailed ? 'error' : 'ok' })
    },
  }
}
