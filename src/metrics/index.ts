import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Database } from '../database'
import type { FinishedRequest, RequestObserver } from '../http/requests'

export interface Metrics extends RequestObserver {
  contentType: string
  /** All numbers in the Prometheus text format. */
  render(): Promise<string>
}

/** Methods that get a label of their own; a client can make up any number of others. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'PUT'])

/** The numbers of one process. No label holds an id, a user or a token. */
export const createMetrics = (database: Database): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  const labelNames = ['method', 'route', 'status'] as const
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests by route, method and status.',
    labelNames,
    registers,
  })
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to its answer.',
    labelNames: ['method', 'route'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const inFlight = new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests not answered yet.',
    registers,
  })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge('database_connected', 'Whether the database can be used: 1 or 0.', () =>
    database.status().connected ? 1 : 0,
  )
  gauge('database_statements_active', 'Statements that run.', () => database.status().active)
  gauge(
    'database_statements_waiting',
    'Statements that wait for a connection.',
    () => database.status().waiting,
  )
  gauge('database_pool_max', 'Statements that may run at once.', () => database.status().max)
  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss())
  gauge('process_start_time_seconds', 'When the process started.', () => Date.now() / 1000 - process.uptime())

  /** Looking labels up costs more than counting, so each set of them is looked up once. */
  const known = new Map<string, { count(): void; observe(seconds: number): void }>()
  const find = ({ method: given, route = 'none', status }: FinishedRequest) => {
    const method = methods.has(given) ? given : 'other'
    const key = `${method} ${route} ${status}`
    let found = known.get(key)
    if (!found) {
      const counter = requests.labels(method, route, String(status))
      const histogram = durations.labels(method, route)
      found = { count: () => counter.inc(), observe: (seconds) => histogram.observe(seconds) }
      known.set(key, found)
    }
    return found
  }

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    started: () => inFlight.inc(),
    finished(request) {
      inFlight.dec()
      const { count, observe } = find(request)
      count()
      observe(request.seconds)
    },
  }
}
