import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { createServer } from 'node:net'
import { builtBinary } from '../support/binary'
import { cleanUp } from '../support/cleanup'
import { createClient } from '../support/client'
import { dialects, freshDatabase, temporaryFolder } from '../support/databases'
import { root, spawnProgram, startProgram } from '../support/program'
import { secret, tokenOf } from '../support/tokens'

setDefaultTimeout(30_000)

const forms = [
  ['source', async () => ['bun', `${root}/src/index.ts`]],
  ['binary', async () => [await builtBinary()]],
] as const

describe.each(forms)('the program from %s', (_, commandOf) => {
  it.each(dialects)('serves on %s from an empty folder, and stops cleanly', async (dialect) => {
    const command = await commandOf()
    const environment = {
      DATABASE_URL: await freshDatabase(dialect),
      BETTER_AUTH_SECRET: secret,
      NODE_ENV: 'production',
    }
    const program = await startProgram(environment, { command, cwd: temporaryFolder() })
    await program.client.until('/health', 200)
    const alice = createClient(program.url, { authorization: `Bearer ${await tokenOf('alice')}` })
    const made = await alice.post('/api/tasks', { title: 'Milk' })
    expect(made.status).toBe(201)
    expect((await alice.get('/api/tasks')).body.data).toEqual([made.body])
    program.process.kill('SIGTERM')
    expect(await program.exited()).toBe(0)
    const lines = program
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const messages = lines.map(({ message }) => message)
    for (const message of ['listening', 'database connected', 'request', 'stopping', 'stopped'])
      expect(messages).toContain(message)
    expect(lines.find(({ method, path }) => method === 'POST' && path === '/api/tasks')).toMatchObject({
      level: 'info',
      status: 201,
      duration_ms: expect.any(Number),
      request_id: expect.any(String),
    })
    expect(program.output()).not.toContain('Milk')
    expect(program.output()).not.toContain(secret)
    expect(program.output()).not.toContain('eyJ')
  })

  it('fails fast without its variables and lists them all', async () => {
    const command = await commandOf()
    const program = spawnProgram({ NODE_ENV: 'production' }, { command, cwd: temporaryFolder() })
    expect(await program.exited()).toBe(1)
    const [, ...problems] = program.output().trim().split('\n')
    expect(problems.map((line) => line.trim().split(' ')[0])).toEqual(['DATABASE_URL', 'BETTER_AUTH_SECRET'])
  })

  it('honours the NODE_ENV at run time', async () => {
    const command = await commandOf()
    const weak = { DATABASE_URL: ':memory:', BETTER_AUTH_SECRET: 'short' }
    const strict = spawnProgram({ ...weak, NODE_ENV: 'production' }, { command, cwd: temporaryFolder() })
    expect(await strict.exited()).toBe(1)
    expect(strict.output()).not.toContain('short')
    const lax = await startProgram(weak, { command, cwd: temporaryFolder() })
    expect(lax.output()).toContain('BETTER_AUTH_SECRET has fewer than 32 characters')
  })
})

describe('the program', () => {
  it('reports that its port is in use', async () => {
    const other = createServer()
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    )
    cleanUp(() => other.close())
    const program = spawnProgram({ DATABASE_URL: ':memory:', HOST: '127.0.0.1', PORT: String(port) })
    expect(await program.exited()).toBe(1)
    expect(program.output()).toContain(`Cannot listen on 127.0.0.1:${port}: the port is in use`)
  })

  it('does not share its port with a second one', async () => {
    const first = await startProgram({ DATABASE_URL: ':memory:' })
    const port = new URL(first.url).port
    const second = spawnProgram({ DATABASE_URL: ':memory:', HOST: '127.0.0.1', PORT: port })
    expect(await second.exited()).toBe(1)
  })

  it('rejects tokens of other issuers if it has created its own secret', async () => {
    const { client, output } = await startProgram({ DATABASE_URL: ':memory:' })
    expect(output()).toContain('BETTER_AUTH_SECRET is not set')
    const { status } = await client.get('/api/me', { authorization: `Bearer ${await tokenOf('alice')}` })
    expect(status).toBe(401)
  })

  it('keeps running, and is unhealthy, with an unsupported database URL', async () => {
    const { client, printed } = await startProgram({
      DATABASE_URL: 'mysql://u:p4ss@h/d',
      BETTER_AUTH_SECRET: secret,
    })
    const { status, body } = await client.get('/health')
    expect({ status, body }).toEqual({ status: 503, body: { status: 'unhealthy', database: 'disconnected' } })
    expect((await client.get('/health/live')).body).toEqual({ status: 'alive' })
    const authorization = `Bearer ${await tokenOf('alice')}`
    const tasks = await client.get('/api/tasks', { authorization })
    expect(tasks.status).toBe(503)
    expect(Number(tasks.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await printed(/database disconnected.*/)).not.toContain('p4ss')
    expect(await printed(/request method=GET path=\/api\/tasks .*/)).toMatch(
      /status=503 .*code=database_unavailable reason=.*neither Postgres nor SQLite/,
    )
  })

  it('ends at once at a second signal', async () => {
    const program = await startProgram({ DATABASE_URL: ':memory:' })
    program.process.kill('SIGTERM')
    await program.printed('stopping')
    // One that follows at once counts as the same signal.
    const again = setInterval(() => program.process.kill('SIGTERM'), 50)
    cleanUp(() => clearInterval(again))
    expect(await program.exited()).toBe(1)
    expect(program.output()).not.toContain('stopped')
  })
})
