import { Database } from 'bun:sqlite'
import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { connect } from 'node:net'
import { startServing } from '../faults/support/process'
import { until } from '../faults/support/time'
import { newHeaders, newMessage } from '../mcp/support/raw'
import { cleanUp } from '../support/cleanup'
import { createClient } from '../support/client'
import { connectTo, type DialectName, dialects, freshDatabase, tamper } from '../support/databases'
import { freePort } from '../support/postgres'
import { startProgram } from '../support/program'
import { now, secret, sign, tokenOf } from '../support/tokens'

setDefaultTimeout(30_000)

type Line = Record<string, unknown>

const parse = (output: string): Line[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

const start = async (environment: Record<string, string> = {}) => {
  const program = await startProgram({
    DATABASE_URL: ':memory:',
    BETTER_AUTH_SECRET: secret,
    NODE_ENV: 'production',
    ...environment,
  })
  const lines = () => parse(program.output())
  /** All lines so far that have a request id, once a later request has been logged. */
  const linesWith = async (id: string) => {
    await program.client.get('/nowhere', { 'x-request-id': `after-${id}` })
    await program.printed(`after-${id}`)
    return lines().filter(({ request_id }) => request_id === id)
  }
  const alice = createClient(program.url, { authorization: `Bearer ${await tokenOf('alice')}` })
  return { ...program, lines, linesWith, alice }
}

/** Holds a lock under which a write of the service fails by its deadline. */
const lock = async (url: string) => {
  if (!url.startsWith('sqlite:')) return void (await connectTo(url).unsafe('BEGIN; LOCK TABLE tasks'))
  const locker = new Database(url.replace('sqlite:', ''))
  cleanUp(() => locker.close())
  locker.run('BEGIN IMMEDIATE')
}

const startConnected = async (dialect: DialectName) => {
  const databaseUrl = await freshDatabase(dialect)
  const program = await start({ DATABASE_URL: databaseUrl, DATABASE_TIMEOUT_MS: '500' })
  await program.client.until('/health', 200)
  return { ...program, databaseUrl }
}

/** The same where only warnings are logged. */
const startQuietly = async (dialect: DialectName) => {
  const databaseUrl = await freshDatabase(dialect)
  const service = await startServing(databaseUrl, { NODE_ENV: 'production', DATABASE_TIMEOUT_MS: '500' })
  const requests = async () => {
    const lines = () => parse(service.output()).filter((line) => 'request_id' in line)
    await until('a request is logged', () => lines().length > 0)
    return lines()
  }
  return { alice: await service.as('alice'), databaseUrl, requests }
}

describe('a request has one line', () => {
  it('with the code and the reason of a 401', async () => {
    const { client, linesWith } = await start()
    const expired = `Bearer ${await sign({ sub: 'alice', exp: now() - 60 })}`
    await client.get('/api/tasks', { authorization: expired, 'x-request-id': 'expired' })
    await client.post('/api/tasks', '{', { 'x-request-id': 'missing' })
    expect(await linesWith('expired')).toEqual([
      expect.objectContaining({
        level: 'info',
        message: 'request',
        method: 'GET',
        path: '/api/tasks',
        status: 401,
        duration_ms: expect.any(Number),
        code: 'token_expired',
        reason: 'The access token has expired.',
        found: expect.stringContaining('earlier'),
      }),
    ])
    expect(await linesWith('missing')).toMatchObject([{ method: 'POST', status: 401, code: 'token_missing' }])
  })

  it.each(dialects)(
    'with the code and the reason of a 503 during an outage, at info, on %s',
    async (dialect) => {
      const url =
        dialect === 'SQLite'
          ? 'sqlite:/proc/no-such-folder/todo.db'
          : `postgres://nobody@127.0.0.1:${await freePort()}/none`
      const { alice, client, linesWith, printed } = await start({ DATABASE_URL: url })
      await printed('database disconnected')
      expect((await alice.get('/api/tasks', { 'x-request-id': 'outage' })).status).toBe(503)
      const outage = { level: 'info', status: 503, code: 'database_unavailable', reason: expect.any(String) }
      expect(await linesWith('outage')).toEqual([expect.objectContaining(outage)])
      expect((await client.get('/health', { 'x-request-id': 'probe' })).status).toBe(503)
      expect(await linesWith('probe')).toEqual([expect.objectContaining({ ...outage, path: '/health' })])
      for (const { reason } of await linesWith('probe')) expect(reason).not.toBe('')
    },
  )

  it.each(dialects)(
    'at warn if the database is there but does not answer in time, on %s',
    async (dialect) => {
      const { alice, databaseUrl, linesWith } = await startConnected(dialect)
      await lock(databaseUrl)
      const answer = await alice.post(
        '/api/tasks',
        { title: 'a private title' },
        { 'x-request-id': 'locked' },
      )
      expect(answer.status).toBe(503)
      expect(await linesWith('locked')).toEqual([
        expect.objectContaining({
          level: 'warn',
          message: 'request',
          method: 'POST',
          status: 503,
          code: 'database_unavailable',
          reason: expect.stringMatching(/\w/),
        }),
      ])
    },
  )

  it.each(dialects)('also where requests are not logged: LOG_LEVEL=warn, on %s', async (dialect) => {
    const { alice, databaseUrl, requests } = await startQuietly(dialect)
    await lock(databaseUrl)
    await alice.get('/api/tasks?page=2')
    await alice.post('/api/tasks', { title: 'x' }, { 'x-request-id': 'locked' })
    expect(await requests()).toEqual([
      expect.objectContaining({
        level: 'warn',
        status: 503,
        request_id: 'locked',
        reason: expect.any(String),
      }),
    ])
  })

  it('with the stack of an unexpected error', async () => {
    const services = [await startConnected('SQLite'), await startQuietly('SQLite')]
    for (const service of services) {
      await tamper(service.databaseUrl, 'ALTER TABLE tasks DROP COLUMN description')
      const sent = await service.alice.post('/api/tasks', { title: 'x' }, { 'x-request-id': 'bug' })
      expect(sent.status).toBe(500)
      expect('linesWith' in service ? await service.linesWith('bug') : await service.requests()).toEqual([
        expect.objectContaining({
          level: 'error',
          message: 'unexpected error',
          path: '/api/tasks',
          status: 500,
          reason: expect.stringContaining('description'),
          stack: expect.stringContaining('\n'),
        }),
      ])
    }
  })
})

describe('probes', () => {
  it.each([
    ['info', 0],
    ['debug', 4],
  ])('that succeed are not logged but at debug: LOG_LEVEL=%s', async (LOG_LEVEL, count) => {
    const { client, linesWith } = await start({ LOG_LEVEL })
    await client.until('/health', 200)
    for (const path of ['/health', '/health/live', '/health/', '/health/live/'])
      expect((await client.get(path, { 'x-request-id': 'probe' })).status).toBe(200)
    expect(await linesWith('probe')).toHaveLength(count)
  })

  it('that fail since the service stops say so', async () => {
    const { client, process, printed, lines } = await start()
    await client.until('/health', 200)
    process.kill('SIGTERM')
    await printed('stopping')
    await client.until('/health', 503)
    await printed('the service is stopping')
    expect(lines().findLast(({ path }) => path === '/health')).toMatchObject({
      status: 503,
      code: 'stopping',
    })
  })
})

describe('what a stranger chose', () => {
  it('is logged with 200 characters at most', async () => {
    const { client, linesWith, output } = await start()
    const path = `/${'x'.repeat(12_000)}`
    for (const prefix of ['', '/api'])
      await client.get(prefix + path, { 'x-request-id': 'long', origin: `https://${'y'.repeat(1000)}` })
    for (const line of await linesWith('long')) expect(String(line.path)).toHaveLength(200)
    expect(output()).not.toContain('x'.repeat(200))
    expect(output()).not.toContain('y'.repeat(200))
  })

  it('has no control characters: a tool’s name forges no line, at any level', async () => {
    const { alice, output, linesWith } = await start({ LOG_LEVEL: 'debug', NODE_ENV: 'development' })
    const forged = 'x\r\n12:00:00.000 info  listening url=http://evil\u001b[31m\u0085\u2028\u202e'
    for (const name of [forged, forged.repeat(100)]) {
      await alice.post('/mcp', newMessage('tools/call', { name, arguments: {} }), newHeaders('tools/call'))
      await alice.post('/mcp', newMessage(name), newHeaders('tools/list'))
      await alice.post('/mcp', { jsonrpc: '2.0', id: 1, method: name, params: {} })
    }
    await alice.get('/api/tasks')
    await linesWith('end')
    for (const line of output().trim().split('\n')) {
      expect(line).toMatch(/^[ -~…’“”]*$/)
      expect(line.length).toBeLessThan(800)
    }
    expect(output().match(/listening url=http:\/\/evil/g)?.length ?? 0).toBeLessThanOrEqual(
      output().match(/ debug mcp /g)?.length ?? 0,
    )
    expect(output().match(/^\S+ info {2}listening/gm)).toHaveLength(1)
  })

  it('may be sent as it is: a path of any bytes is a line', async () => {
    const { url, linesWith, output } = await start({ NODE_ENV: 'development' })
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    cleanUp(() => socket.destroy())
    socket.write(Buffer.from('GET /\x7f\xc2\x85\xe2\x80\xa8x HTTP/1.1\r\nHost: x\r\n\r\n', 'latin1'))
    await new Promise((resolve) => socket.once('data', resolve))
    await linesWith('end')
    for (const line of output().trim().split('\n')) expect(line).toMatch(/^[ -~…]*$/)
  })
})

describe('a page of an origin that is not listed', () => {
  it('is logged once, with its origin and the name of the variable', async () => {
    const { client, lines, linesWith } = await start({ CORS_ORIGINS: 'https://app.example' })
    const own = client.get('/docs', { origin: 'http://todo.example:1', host: 'todo.example:1' })
    expect((await own).status).toBe(200)
    for (const origin of ['https://app.example', 'https://other.example', 'https://other.example', 'null'])
      for (const method of ['GET', 'OPTIONS']) await client.send(method, '/api/me', undefined, { origin })
    await linesWith('end')
    const warnings = lines().filter(({ level }) => level === 'warn')
    expect(warnings.map(({ origin }) => origin)).toEqual(['https://other.example', 'null'])
    for (const { message } of warnings) expect(message).toContain('CORS_ORIGINS')
  })

  it('is one of 100, and then there is one line that there are more', async () => {
    const { client, lines, linesWith } = await start()
    for (let index = 0; index < 120; index++)
      await client.get('/health', { origin: `https://${index}.example` })
    await linesWith('end')
    const warnings = lines().filter(({ level }) => level === 'warn')
    expect(warnings).toHaveLength(101)
    expect(warnings[100]?.message).toContain('more origins')
    expect(warnings[100]).not.toHaveProperty('origin')
  })
})
