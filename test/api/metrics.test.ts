import { describe, expect, it } from 'bun:test'
import { connect } from 'node:net'
import { dialects } from '../support/databases'
import { startService } from '../support/service'

const numbersOf = (text: string) =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )

/** Asks for a path as it stands; fetch would normalize it. */
const statusOf = async (url: string, path: string) => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return Number(answer.split(' ', 2)[1])
}

describe.each(dialects)('metrics on %s', (dialect) => {
  it('count requests by route pattern, method and status, without users or ids', async () => {
    const service = await startService(dialect, { METRICS: 'true' })
    const alice = await service.as('alice-in-no-label')
    const { body: made } = await alice.post('/api/tasks', { title: 'Milk' })
    await alice.get(`/api/tasks/${made.id}`)
    await alice.get('/api/tasks/987654')
    await alice.get('/api/tasks/123456')
    await alice.get('/api/unheard-of')
    await service.send('OPTIONS', '/api/tasks')
    await service.get('/api/me')

    const wanted = {
      'http_requests_total{method="POST",route="/api/tasks",status="201"}': 1,
      'http_requests_total{method="GET",route="/api/tasks/:id",status="200"}': 1,
      'http_requests_total{method="GET",route="/api/tasks/:id",status="404"}': 2,
      'http_requests_total{method="GET",route="none",status="404"}': 1,
      'http_requests_total{method="GET",route="/api/me",status="401"}': 1,
      'http_request_duration_seconds_count{method="GET",route="/api/tasks/:id"}': 3,
      // The request for the metrics is itself in flight.
      http_requests_in_flight: 1,
      database_connected: 1,
      database_statements_active: 0,
      database_statements_waiting: 0,
      database_pool_max: dialect === 'SQLite' ? 1 : 10,
    }
    const { headers, body } = await service.get('/metrics')
    expect(headers.get('content-type')).toStartWith('text/plain; version=0.0.4')
    expect(numbersOf(body)).toMatchObject(wanted)
    expect(numbersOf(body).process_resident_memory_bytes).toBeGreaterThan(10_000_000)
    for (const secret of ['alice', '987654', '123456', 'unheard-of']) expect(body).not.toContain(secret)
  })

  it('state one time at which the process started, in every scrape', async () => {
    const service = await startService(dialect, { METRICS: 'true' })
    const times = new Set<number | undefined>()
    for (let scrape = 0; scrape < 5; scrape++)
      times.add(numbersOf((await service.get('/metrics')).body).process_start_time_seconds)
    expect(times.size).toBe(1)
    const [time = 0] = times
    expect(Math.abs(time - (Date.now() / 1000 - process.uptime()))).toBeLessThan(5)
  })

  it('do not exist unless they are enabled', async () => {
    const service = await startService(dialect)
    expect((await service.get('/metrics')).status).toBe(404)
  })

  it("are served at their exact path only, so that a proxy's rule for it hides them", async () => {
    const service = await startService(dialect, { METRICS: 'true' })
    for (const path of ['/metrics', '/metrics?x=1'])
      expect([path, await statusOf(service.url, path)]).toEqual([path, 200])
    for (const path of [
      '/metrics/',
      '/metrics//',
      '//metrics',
      '/./metrics',
      '/x/../metrics',
      '/x/%2e%2e/metrics',
      '/%6detrics',
      '/metrics%2f',
      '/metrics/.',
      '/metrics/x/..',
      '/metrics/?x=1',
      '/Metrics',
      '/api/../metrics',
      '\\metrics',
      '/metrics;x',
    ])
      expect([path, await statusOf(service.url, path)]).not.toEqual([path, 200])
    // A slash at the end stays accepted elsewhere.
    expect(await statusOf(service.url, '/api/me/')).toBe(401)
  })
})
