export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts the shape of what it was sent
  body: any
}

export interface Client {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  delete(path: string): Promise<Answer>
  /** Asks until the status is the one wanted, for at most 10 s. */
  until(path: string, status: number): Promise<Answer>
}

type Check = (method: string, url: string, answer: Answer) => void

/** Sends strings as they are and everything else as JSON; reads JSON and problem details. */
export const createClient = (
  url: string,
  always: Record<string, string> = {},
  check: Check = () => {},
): Client => {
  const send: Client['send'] = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...always,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    const answer = {
      status: response.status,
      headers: response.headers,
      body: isJson && text ? JSON.parse(text) : text,
    }
    check(method, url + path, answer)
    return answer
  }

  return {
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    patch: (path, body, headers) => send('PATCH', path, body, headers),
    delete: (path) => send('DELETE', path),
    async until(path, status) {
      const giveUp = performance.now() + 10_000
      for (;;) {
        const answer = await send('GET', path).catch(() => undefined)
        if (answer?.status === status) return answer
        if (performance.now() > giveUp) throw new Error(`${path} did not answer ${status} in 10 s`)
        await Bun.sleep(5)
      }
    },
  }
}
