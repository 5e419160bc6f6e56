import { describe, expect, it } from 'bun:test'
import { startService } from '../support/service'
import { tokenOf } from '../support/tokens'

const problem = (status: number) => ({
  type: 'about:blank',
  title: expect.any(String),
  status,
  detail: expect.any(String),
})

/** Sends bytes as they are, for what fetch would not send. */
const sendRaw = async (url: string, text: string) => {
  const { hostname, port } = new URL(url)
  const { promise, resolve } = Promise.withResolvers<string>()
  let received = ''
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_, chunk) => {
        received += chunk.toString()
      },
      close: () => resolve(received),
    },
  })
  socket.write(text)
  const timer = setTimeout(() => socket.end(), 5000)
  const answer = await promise
  clearTimeout(timer)
  return answer
}

describe('HTTP', () => {
  it('answers 404 and 405 as problem details, with Allow', async () => {
    const service = await startService('SQLite')
    const alice = await service.as('alice')
    const absent = await service.get('/nowhere')
    expect(absent).toMatchObject({ status: 404, body: problem(404) })
    expect(absent.headers.get('content-type')).toBe('application/problem+json')
    const allowed = async (method: string, path: string) => {
      const { status, headers } = await alice.send(method, path)
      expect(status).toBe(405)
      return headers.get('allow')
    }
    expect(await allowed('POST', '/health')).toBe('GET, HEAD')
    expect(await allowed('PUT', '/api/tasks')).toBe('GET, HEAD, POST')
    expect(await allowed('DELETE', '/api/tasks')).toBe('GET, HEAD, POST')
    expect(await allowed('POST', '/api/tasks/1')).toBe('GET, HEAD, PATCH, DELETE')
    expect(await allowed('PATCH', '/api/conversations/1/messages')).toBe('GET, HEAD, POST')
    expect((await alice.get('/api/nowhere')).status).toBe(404)
    expect((await alice.get('/api/tasks/1/more')).status).toBe(404)
  })

  it('answers 401 while the body is still on its way, and reads none of it', async () => {
    const service = await startService('SQLite')
    const { hostname, port } = new URL(service.url)
    for (const [token, body] of [
      ['', 'Content-Length: 1000\r\n\r\n{'],
      ['Authorization: Bearer x\r\n', 'Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n'],
      ['', 'Content-Type: text/plain\r\nContent-Length: 99999999\r\n\r\n'],
    ]) {
      const { promise, resolve } = Promise.withResolvers<string>()
      const socket = await Bun.connect({
        hostname,
        port: Number(port),
        socket: { data: (_, chunk) => resolve(chunk.toString()) },
      })
      socket.write(`POST /api/tasks HTTP/1.1\r\nHost: x\r\n${token}${body}`)
      // The time limit of a body is 10 s.
      const answer = await Promise.race([promise, Bun.sleep(4000).then(() => 'nothing')])
      socket.end()
      expect(answer).toStartWith('HTTP/1.1 401')
    }
  })

  it('answers 404 and 405 under /api without a token, since they reveal nothing', async () => {
    const service = await startService('SQLite')
    for (const [method, path, status, allow] of [
      ['GET', '/api', 404, null],
      ['POST', '/api/nowhere', 404, null],
      ['GET', '/api/tasks/1/more', 404, null],
      ['PUT', '/api/tasks', 405, 'GET, HEAD, POST'],
      ['PUT', '/api/tasks/', 405, 'GET, HEAD, POST'],
      ['POST', '/api/tasks/1', 405, 'GET, HEAD, PATCH, DELETE'],
      ['POST', '/api/tasks/x/', 405, 'GET, HEAD, PATCH, DELETE'],
      ['TRACE', '/api/me', 405, 'GET, HEAD'],
      ['PATCH', '/health/live', 405, 'GET, HEAD'],
      ['GET', '/mcp', 405, 'POST'],
      ['GET', '/api/tasks', 401, null],
    ] as const) {
      const answer = await service.send(method, path)
      expect([method, path, answer.status, answer.headers.get('allow')]).toEqual([
        method,
        path,
        status,
        allow,
      ])
    }
  })

  it('has a relative Location, which leads to the row from any address of the list', async () => {
    const service = await startService('SQLite')
    const alice = await service.as('alice')
    for (const [path, location] of [
      ['/api/tasks', 'tasks/1'],
      ['/api/tasks/', '2'],
      ['/api/conversations', 'conversations/1'],
      ['/api/conversations/', '2'],
    ] as const) {
      const { headers, body } = await alice.post(path, { title: 'x' })
      expect([path, headers.get('location')]).toEqual([path, location])
      const { pathname } = new URL(location, `http://host${path}`)
      expect((await alice.get(pathname)).body).toEqual(body)
    }
  })

  it('answers HEAD as GET without a body', async () => {
    const service = await startService('SQLite')
    const alice = await service.as('alice')
    const { body: made } = await alice.post('/api/tasks', { title: 'Milk' })
    for (const path of ['/health', '/health/live', '/api/tasks', `/api/tasks/${made.id}`]) {
      const { status, body, headers } = await alice.send('HEAD', path)
      expect({ status, body }).toEqual({ status: 200, body: '' })
      expect(Number(headers.get('content-length'))).toBeGreaterThan(0)
    }
  })

  it('requires JSON only for routes with a body', async () => {
    const service = await startService('SQLite')
    const alice = await service.as('alice')
    const type = (contentType: string) =>
      alice.post('/api/tasks', '{"title":"x"}', { 'content-type': contentType })
    for (const accepted of ['application/json', 'Application/JSON; charset=utf-8', 'application/ld+json'])
      expect((await type(accepted)).status).toBe(201)
    for (const refused of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'json'])
      expect(await type(refused)).toMatchObject({ status: 415, body: problem(415) })
    expect(
      (await alice.post('/api/conversations', 'anything', { 'content-type': 'text/plain' })).status,
    ).toBe(201)
  })

  it.each([
    '',
    ' ',
    '{',
    '{"title":"x"',
    '{"title":"x"}}',
    "{'title':'x'}",
    '{"title":"x",}',
    'NaN',
    '[1,]',
    '\ufeff',
  ])('answers 400 to %j, which is not JSON', async (text) => {
    const service = await startService('SQLite')
    const alice = await service.as('alice')
    expect(await alice.post('/api/tasks', text)).toMatchObject({ status: 400, body: problem(400) })
  })

  it('answers 400 to a body that is not UTF-8, and survives deep nesting', async () => {
    const service = await startService('SQLite')
    const headers = { authorization: `Bearer ${await tokenOf('a')}`, 'content-type': 'application/json' }
    const latin1 = Buffer.from('{"title":"caf\xe9"}', 'latin1')
    const answer = await fetch(`${service.url}/api/tasks`, { method: 'POST', headers, body: latin1 })
    expect(answer.status).toBe(400)
    const alice = await service.as('alice')
    expect((await alice.post('/api/tasks', '['.repeat(100_000))).status).toBe(400)
    const nested = `{"title":"x","deep":${'['.repeat(5000)}${']'.repeat(5000)}}`
    expect((await alice.post('/api/tasks', nested)).status).toBe(201)
  })

  it('answers 413 with all its headers to a body over the one limit of all routes, with and without a length', async () => {
    const service = await startService('SQLite')
    const alice = await service.as('alice')
    const origin = { origin: 'http://localhost:3000', 'x-request-id': 'big-1' }
    const limit = 100_000 * 12 + 64 * 1024
    const sized = (bytes: number) => `{"title":"x","pad":"${'x'.repeat(bytes - 22)}"}`
    const large = sized(limit + 1)
    const { status, headers, body } = await alice.post('/api/tasks', large, origin)
    expect({ status, body }).toEqual({ status: 413, body: problem(413) })
    expect(headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
    expect(headers.get('x-request-id')).toBe('big-1')
    const chunked = await fetch(`${service.url}/api/tasks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await tokenOf('alice')}`, 'content-type': 'application/json' },
      // Made bit by bit, so that nobody knows its length beforehand; that of a Blob's stream is known.
      body: new ReadableStream({
        start(stream) {
          for (let at = 0; at < large.length; at += 65_536) stream.enqueue(large.slice(at, at + 65_536))
          stream.close()
        },
      }),
    })
    expect(chunked.status).toBe(413)
    expect(sized(limit)).toHaveLength(limit)
    expect((await alice.post('/api/tasks', sized(limit))).status).toBe(201)
  })

  it("sends a request id with every response: the caller's if it is valid, otherwise its own", async () => {
    const service = await startService('SQLite')
    const idOf = async (given?: string, path = '/health') =>
      (await service.get(path, given === undefined ? {} : { 'x-request-id': given })).headers.get(
        'x-request-id',
      )
    expect(await idOf('abc-1.2:3/4_5')).toBe('abc-1.2:3/4_5')
    expect(await idOf('abc', '/nowhere')).toBe('abc')
    for (const insane of ['', 'a b', 'x'.repeat(129), 'a"b', 'é'])
      expect(await idOf(insane)).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
    expect(await idOf()).not.toBe(await idOf())
  })

  it('answers 404 to hostile paths', async () => {
    const service = await startService('SQLite')
    const alice = await service.as('alice')
    const status = async (path: string) => (await alice.get(path)).status
    expect(await Promise.all(['/api/tasks/%zz', '/api/tasks/%ff', '/api/tasks/1%2f2'].map(status))).toEqual([
      422, 422, 422,
    ])
    expect(await Promise.all(['/%00', '/api//tasks', '/api/tasks//'].map(status))).toEqual([404, 404, 404])
    const raw = await sendRaw(
      service.url,
      'GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    )
    expect(raw).toStartWith('HTTP/1.1 404')
    expect((await service.get('/health')).status).toBe(200)
  })
})
