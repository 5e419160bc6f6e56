/** One kind of request, sent over and over. */
export interface LoadRequest {
  url: string
  method: 'GET' | 'POST'
  body?: string
  headers?: Record<string, string>
  /** Bearer tokens, taken in turns; none for an open route. */
  tokens: readonly string[]
  /** Requests under way at once; 32 if not said. */
  connections?: number
}

export interface Measured {
  requests: number
  /** Requests a second. */
  rate: number
  /** Milliseconds. */
  p50: number
  p99: number
  /** Answers other than 2xx, and requests without an answer. */
  failures: number
}

export type Load = (request: LoadRequest, seconds: number) => Promise<Measured>

export const defaultConnections = 32

export const headersOf = (request: LoadRequest, token = request.tokens[0]): Record<string, string> => ({
  ...(token && { authorization: `Bearer ${token}` }),
  ...(request.body && { 'content-type': 'application/json' }),
  ...request.headers,
})
