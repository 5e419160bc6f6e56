import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { startService } from '../support/service'
import { callRaw, newHeaders, newMessage, oldHeaders } from './support/raw'

setDefaultTimeout(30_000)

const start = async () => {
  const service = await startService('SQLite')
  return { service, alice: await service.as('alice') }
}

const oldMessage = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 7, method, params })

describe('a message', () => {
  const list = newMessage('tools/list')
  const mistakes: [string, object, Record<string, string>, number, number][] = [
    ['a method that the header does not name', list, newHeaders('tools/call'), 400, -32_020],
    [
      'a tool that the header does not name',
      newMessage('tools/call', { name: 'add_task', arguments: { title: 'x' } }),
      newHeaders('tools/call', 'get_task'),
      400,
      -32_020,
    ],
    [
      'a revision that the header does not name',
      list,
      { ...newHeaders('tools/list'), 'mcp-protocol-version': '2025-11-25' },
      400,
      -32_020,
    ],
    [
      'a list of a revision that nobody knows',
      newMessage('tools/list', {}, '2031-01-01'),
      { ...newHeaders('tools/list'), 'mcp-protocol-version': '2031-01-01' },
      400,
      -32_022,
    ],
    [
      'a call of a revision that nobody knows',
      newMessage('tools/call', { name: 'add_task', arguments: { title: 'x' } }, '2031-01-01'),
      { ...newHeaders('tools/call', 'add_task'), 'mcp-protocol-version': '2031-01-01' },
      400,
      -32_022,
    ],
    [
      'a call of which no header names the tool',
      newMessage('tools/call', { name: 'add_task', arguments: { title: 'x' } }),
      newHeaders('tools/call'),
      400,
      -32_020,
    ],
    ['a method that nobody knows', newMessage('tasks/steal'), newHeaders('tasks/steal'), 404, -32_601],
    [
      'a tool that nobody knows',
      newMessage('tools/call', { name: 'drop_tasks' }),
      newHeaders('tools/call', 'drop_tasks'),
      200,
      -32_602,
    ],
    [
      'a state that no tool returned',
      newMessage('tools/call', { name: 'add_task', arguments: { title: 'x' }, requestState: 5 }),
      newHeaders('tools/call', 'add_task'),
      200,
      -32_602,
    ],
    [
      'a resource, which nobody offers',
      newMessage('resources/list'),
      newHeaders('resources/list'),
      404,
      -32_601,
    ],
    [
      'a subscription, of which nothing would ever come',
      newMessage('subscriptions/listen', { notifications: { toolsListChanged: true } }),
      newHeaders('subscriptions/listen'),
      404,
      -32_601,
    ],
    ['a batch', [list, list], newHeaders('tools/list'), 400, -32_600],
    [
      'a batch of an earlier revision',
      [oldMessage('ping'), oldMessage('tools/list')],
      oldHeaders,
      400,
      -32_600,
    ],
    [
      'an old revision that nobody knows',
      oldMessage('tools/list'),
      { ...oldHeaders, 'mcp-protocol-version': '1999-01-01' },
      400,
      -32_000,
    ],
    ['an old method that nobody knows', oldMessage('tasks/steal'), oldHeaders, 200, -32_601],
    [
      'an old tool that nobody knows',
      oldMessage('tools/call', { name: 'drop_tasks' }),
      oldHeaders,
      200,
      -32_602,
    ],
    ['nothing of the protocol', { hello: 'world' }, oldHeaders, 400, -32_600],
  ]
  it('that is wrong gets an error of the protocol', async () => {
    const { alice } = await start()
    for (const [what, message, headers, status, code] of mistakes) {
      const answer = await alice.post('/mcp', message, headers)
      const found = { what, status: answer.status, code: answer.body.error?.code }
      expect(found).toEqual({ what, status, code })
      expect(answer.body).toMatchObject({ jsonrpc: '2.0', error: { message: expect.any(String) } })
      expect(answer.headers.get('content-type')).toStartWith('application/json')
    }
    expect((await alice.get('/api/tasks')).body.data).toEqual([])
  })

  it('that is not a message gets an error of the protocol', async () => {
    const { alice } = await start()
    for (const text of ['null', '5', '"text"', '{"jsonrpc"', '', '\u0000', '{"a":"\ud800"}']) {
      const { status, body } = await alice.post('/mcp', text, oldHeaders)
      expect({ text, status }).toEqual({ text, status: 400 })
      expect([-32_700, -32_600]).toContain(body.error.code)
    }
  })

  it('that is a notification gets 202 and no body', async () => {
    const { alice } = await start()
    const { jsonrpc, params } = newMessage('x')
    const method = 'notifications/cancelled'
    const cancelled = { jsonrpc, method, params: { ...params, requestId: 1 } }
    expect(await alice.post('/mcp', cancelled, newHeaders(method))).toMatchObject({ status: 202, body: '' })
    const initialized = { jsonrpc, method: 'notifications/initialized' }
    expect(await alice.post('/mcp', initialized, oldHeaders)).toMatchObject({ status: 202, body: '' })
  })

  it('gets its answer as one JSON document in every revision', async () => {
    const { alice } = await start()
    const old = await alice.post('/mcp', oldMessage('tools/call', { name: 'list_tasks' }), oldHeaders)
    const recent = await callRaw(alice, 'list_tasks', {})
    for (const { status, headers, body } of [old, recent]) {
      expect(status).toBe(200)
      expect(headers.get('content-type')).toBe('application/json')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(body.result.structuredContent).toEqual({ tasks: [], has_more: false })
    }
    expect(old.body.id).toBe(7)
  })

  it('that starts a session of an earlier revision may also state that revision in its _meta', async () => {
    const { alice } = await start()
    const protocolVersion = '2025-11-25'
    const message = oldMessage('initialize', {
      protocolVersion,
      capabilities: {},
      clientInfo: { name: 'test', version: '1.0.0' },
      _meta: { 'io.modelcontextprotocol/protocolVersion': protocolVersion },
    })
    const { status, body } = await alice.post('/mcp', message, oldHeaders)
    expect(status).toBe(200)
    expect(body.result).toMatchObject({ protocolVersion, serverInfo: { name: 'todo-backend' } })
  })
})

it('a call gets the answer that the library would return', async () => {
  const { alice } = await start()
  const calls: [string, object | undefined][] = [
    ['list_tasks', undefined],
    ['list_tasks', { limit: 1 }],
    ['get_task', { task_id: 1 }],
    ['get_task', { task_id: 2 }],
    ['complete_task', { task_id: 'x' }],
    ['drop_tasks', {}],
  ]
  await callRaw(alice, 'add_task', { title: 'Milk' })
  for (const [name, given] of calls) {
    const params = { name, ...(given && { arguments: given }) }
    // A parameter of the protocol that makes no difference here, but needs the library.
    const more = { ...params, inputResponses: {} }
    const [direct, full] = [params, more].map((params) =>
      alice.post('/mcp', newMessage('tools/call', params), newHeaders('tools/call', name)),
    )
    expect((await direct)?.body).toEqual((await full)?.body)
  }
})

describe('/mcp', () => {
  it('allows only POST', async () => {
    const { service, alice } = await start()
    for (const client of [service, alice])
      for (const method of ['GET', 'DELETE', 'PUT', 'PATCH', 'HEAD']) {
        const { status, headers } = await client.send(method, '/mcp')
        expect({ method, status }).toEqual({ method, status: 405 })
        expect(headers.get('allow')).toBe('POST')
      }
  })

  it('looks at the token before the body', async () => {
    const { service } = await start()
    const bodies = [list, 'not JSON', 'x'.repeat(2 ** 21), '']
    for (const body of bodies) {
      const { status, headers } = await service.post('/mcp', body, { 'content-type': 'text/plain' })
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toBe('Bearer')
      expect(headers.get('content-type')).toBe('application/problem+json')
    }
    const { headers } = await service.post('/mcp', list, { authorization: 'Bearer nonsense' })
    expect(headers.get('www-authenticate')).toStartWith('Bearer error="invalid_token"')
  })
  const list = newMessage('tools/list')

  it('accepts no body of another type', async () => {
    const { alice } = await start()
    for (const type of ['text/plain', 'application/merge-patch+json', 'application/json; charset=latin1']) {
      const answer = await alice.post('/mcp', list, { ...newHeaders('tools/list'), 'content-type': type })
      expect({ type, status: answer.status }).toEqual({ type, status: 415 })
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
    }
  })

  it('accepts application/json with its parameter', async () => {
    const { alice } = await start()
    const type = 'Application/JSON; charset=utf-8'
    const answer = await alice.post('/mcp', list, { ...newHeaders('tools/list'), 'content-type': type })
    expect(answer.body.result.tools).toHaveLength(6)
  })

  it('accepts pages of the listed origins, and of this machine if it is called by its own name', async () => {
    const { service, alice } = await start()
    const port = new URL(service.url).port
    const statusOf = async (origin: string, host = `127.0.0.1:${port}`) => {
      const answer = await alice.post('/mcp', list, { ...newHeaders('tools/list'), origin, host })
      const isReadable = answer.headers.get('access-control-allow-origin') === origin
      expect(isReadable).toBe(answer.status === 200)
      return answer.status
    }
    for (const origin of [
      'http://localhost:3000',
      'http://localhost:6274',
      'http://127.0.0.1:5173',
      'http://[::1]:1',
      'https://localhost',
    ])
      expect(await statusOf(origin)).toBe(200)
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost.evil.example',
      'http://127.0.0.1.evil.example',
      'file://',
      'http://localhost:3000/',
    ])
      expect(await statusOf(origin)).toBe(403)
    expect(await statusOf('http://localhost:6274', 'evil.example')).toBe(403)
    expect(await statusOf('http://localhost:3000', 'api.example')).toBe(200)
    const { headers } = await alice.get('/api/tasks', { origin: 'http://localhost:6274' })
    expect(headers.has('access-control-allow-origin')).toBe(false)
  })

  it('answers the preflight of an assistant in a browser', async () => {
    const { service } = await start()
    const requested = 'authorization,content-type,mcp-protocol-version,mcp-method,mcp-name'
    const { status, headers } = await service.send('OPTIONS', '/mcp', undefined, {
      origin: 'http://localhost:6274',
      'access-control-request-method': 'POST',
      'access-control-request-headers': requested,
    })
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-headers')).toBe(requested)
    expect(headers.get('access-control-allow-methods')).toContain('POST')
  })

  it('shows the challenge to an assistant in a browser', async () => {
    const { service } = await start()
    const origin = 'http://localhost:6274'
    const { status, headers } = await service.post('/mcp', list, { ...newHeaders('tools/list'), origin })
    expect(status).toBe(401)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-expose-headers')).toContain('WWW-Authenticate')
  })

  it('is mentioned in the API description', async () => {
    const { service } = await start()
    expect((await service.get('/openapi.json')).body.info.description).toContain('`/mcp`')
  })

  it('returns the id of the request, and none of a session', async () => {
    const { alice } = await start()
    const { headers } = await alice.post(
      '/mcp',
      oldMessage('initialize', {
        protocolVersion: '2025-06-18',
        capabilities: {},
        clientInfo: { name: 'test', version: '1' },
      }),
      { ...oldHeaders, 'x-request-id': 'mine' },
    )
    expect(headers.get('x-request-id')).toBe('mine')
    expect(headers.has('mcp-session-id')).toBe(false)
  })
})
