import { defaultConnections, headersOf, type Load } from './load-request'

/** The same by autocannon, which needs nothing but `bun install`; it counts whole milliseconds. */
export const autocannon: Load = async (request, seconds) => {
  const { default: run } = await import('autocannon')
  const { url, method, body, tokens, connections = defaultConnections } = request
  const result = await run({
    url,
    connections,
    duration: seconds,
    requests: (tokens.length > 0 ? tokens : [undefined]).map((token) => ({
      method,
      body,
      headers: headersOf(request, token),
    })),
  })
  return {
    requests: result.requests.total,
    rate: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failures: result.non2xx + result.errors + result.timeouts,
  }
}
