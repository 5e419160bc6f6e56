import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { checkOut } from '../support/checkout'
import { createClient } from '../support/client'
import { freePort } from '../support/postgres'
import { spawnProgram, startProgram, startScript } from '../support/program'
import { secret } from '../support/tokens'

setDefaultTimeout(30_000)

const startDev = (cwd: string, environment = {}) => startScript('dev', cwd, environment)

const token = async (cwd: string, environment: Record<string, string> = {}) => {
  const program = spawnProgram(environment, { command: ['bun', 'run', '--silent', 'token', 'alice'], cwd })
  return { code: await program.exited(), output: program.output() }
}

describe('the commands of package.json', () => {
  it('lead from a fresh checkout to a stored task: dev creates .env, token signs', async () => {
    const cwd = await checkOut()
    const PORT = String(await freePort())
    await startDev(cwd, { PORT })
    const environment = await Bun.file(join(cwd, '.env')).text()
    const [, secret = ''] = /^BETTER_AUTH_SECRET=(.*)$/m.exec(environment) ?? []
    expect(secret.length).toBeGreaterThanOrEqual(32)

    const token = spawnProgram({}, { command: ['bun', 'run', '--silent', 'token', 'alice'], cwd })
    expect(await token.exited()).toBe(0)
    const client = createClient(`http://127.0.0.1:${PORT}`, {
      authorization: `Bearer ${token.output().trim()}`,
    })
    expect((await client.get('/api/me')).body).toEqual({ user_id: 'alice' })
    const made = await client.post('/api/tasks', { title: 'Milk' })
    expect((await client.get('/api/tasks')).body.data).toEqual([made.body])

    await startDev(cwd)
    expect(await Bun.file(join(cwd, '.env')).text()).toBe(environment)
  })

  it('change nothing in a checkout that has a secret', async () => {
    const cwd = await checkOut()
    const text = `DATABASE_URL=:memory:\nBETTER_AUTH_SECRET='${secret}'\n`
    await Bun.write(join(cwd, '.env'), text)
    await startDev(cwd)
    expect(await Bun.file(join(cwd, '.env')).text()).toBe(text)
  })

  it.each([
    ['.env.example', async (cwd: string) => cp(join(cwd, '.env.example'), join(cwd, '.env'))],
    ['an .env without it', async (cwd: string) => Bun.write(join(cwd, '.env'), 'DATABASE_URL=:memory:')],
    [
      'an .env with an empty one',
      async (cwd: string) =>
        Bun.write(join(cwd, '.env'), 'export BETTER_AUTH_SECRET="" # later\r\nDATABASE_URL=:memory:\r\n'),
    ],
  ])('complete %s with a secret, once, and then sign', async (_, prepare) => {
    const cwd = await checkOut()
    await prepare(cwd)
    const before = await token(cwd)
    expect(before).toMatchObject({ code: 1, output: expect.stringContaining('Run "bun run dev"') })

    const service = await startDev(cwd)
    const completed = await Bun.file(join(cwd, '.env')).text()
    const { code, output } = await token(cwd)
    expect(code).toBe(0)
    const authorization = `Bearer ${output.trim()}`
    expect((await service.client.get('/api/me', { authorization })).body).toEqual({ user_id: 'alice' })

    await startDev(cwd)
    expect(await Bun.file(join(cwd, '.env')).text()).toBe(completed)
  })

  it('sign tokens as the service expects them, whatever else is wrong', async () => {
    const cwd = await checkOut()
    const issuer = { BETTER_AUTH_ISSUER: 'https://app.example', BETTER_AUTH_AUDIENCE: '"todo"' }
    const { code, output } = await token(cwd, {
      ...issuer,
      BETTER_AUTH_SECRET: `${secret}\n`,
      PORT: 'wrong',
      CORS_ORIGINS: '*',
      NODE_ENV: 'prod',
      DATABASE_URL: '',
    })
    expect(code).toBe(0)
    const service = await startProgram({
      ...issuer,
      DATABASE_URL: ':memory:',
      BETTER_AUTH_SECRET: `${secret}\n`,
    })
    const authorization = `Bearer ${output.trim()}`
    expect((await service.client.get('/api/me', { authorization })).body).toEqual({ user_id: 'alice' })
  })

  it('sign no token with published keys, and say what to do instead', async () => {
    const { code, output } = await token(await checkOut(), {
      BETTER_AUTH_JWKS_URL: 'https://user:p4ss@app.example/api/auth/jwks',
      BETTER_AUTH_SECRET: secret,
    })
    expect(code).toBe(1)
    expect(output).toContain('BETTER_AUTH_JWKS_URL is set')
    expect(output).toContain('/api/auth/token')
    expect(output).not.toContain('p4ss')
  })

  it('write no secret that published keys would leave unused', async () => {
    const cwd = await checkOut()
    const text = 'DATABASE_URL=:memory:\nBETTER_AUTH_JWKS_URL=http://127.0.0.1:1/jwks\n'
    await Bun.write(join(cwd, '.env'), text)
    await startDev(cwd)
    expect(await Bun.file(join(cwd, '.env')).text()).toBe(text)
  })
})
