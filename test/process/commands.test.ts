import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { mkdir, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { checkOut } from '../support/checkout'
import { createClient } from '../support/client'
import { freePort } from '../support/postgres'
import { spawnProgram, startProgram, startScript } from '../support/program'
import { secret } from '../support/tokens'

setDefaultTimeout(60_000)

const startDev = (cwd: string, environment = {}) => startScript('dev', cwd, environment)

const spawnDev = (cwd: string, environment = {}) =>
  spawnProgram({ PORT: '0', ...environment }, { command: ['bun', 'run', 'dev'], cwd })

const token = async (cwd: string, environment: Record<string, string> = {}) => {
  const program = spawnProgram(environment, { command: ['bun', 'run', '--silent', 'token', 'alice'], cwd })
  return { code: await program.exited(), output: program.output() }
}

/** A checkout with a file .env of these bytes. */
const checkOutWith = async (env: string | Uint8Array) => {
  const cwd = await checkOut()
  await Bun.write(join(cwd, '.env'), env)
  return cwd
}

const bytesOf = (cwd: string) => Bun.file(join(cwd, '.env')).bytes()

const utf16 = (text: string, mark: boolean, isBigEndian: boolean) => {
  const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le')
  return isBigEndian ? bytes.swap16() : bytes
}

const usual = `DATABASE_URL=:memory:\nBETTER_AUTH_SECRET=${secret}\n`

const foreign: [string, Uint8Array, string][] = [
  ['UTF-16', utf16(usual, true, false), 'UTF-16'],
  ['UTF-16, big-endian', utf16(usual, true, true), 'UTF-16'],
  ['UTF-16 without a mark', utf16(usual, false, false), 'UTF-16'],
  ['UTF-16, big-endian, without a mark', utf16(usual, false, true), 'UTF-16'],
  ['Windows-1252', Buffer.from(`# Schlüssel, für die Anmeldung\n${usual}`, 'latin1'), 'Windows-1252'],
  [
    'Windows-1252, in a value',
    Buffer.from(`${usual}BETTER_AUTH_ISSUER=https://münchen.example`, 'latin1'),
    'Windows-1252',
  ],
]

describe('bun run dev', () => {
  it('leads from a fresh checkout to a stored task: it creates .env, and token signs', async () => {
    const cwd = await checkOut()
    const PORT = String(await freePort())
    await startDev(cwd, { PORT })
    const environment = await Bun.file(join(cwd, '.env')).text()
    const [, created = ''] = /^BETTER_AUTH_SECRET=(.*)$/m.exec(environment) ?? []
    expect(created.length).toBeGreaterThanOrEqual(32)
    expect((await stat(join(cwd, '.env'))).mode & 0o777).toBe(0o600)

    const { code, output } = await token(cwd)
    expect(code).toBe(0)
    const client = createClient(`http://127.0.0.1:${PORT}`, { authorization: `Bearer ${output.trim()}` })
    expect((await client.get('/api/me')).body).toEqual({ user_id: 'alice' })
    const made = await client.post('/api/tasks', { title: 'Milk' })
    expect((await client.get('/api/tasks')).body.data).toEqual([made.body])

    await startDev(cwd)
    expect(await Bun.file(join(cwd, '.env')).text()).toBe(environment)
  })

  it.each([
    ['a secret', usual],
    ['a secret, with a byte order mark', `\ufeff${usual}`],
    ['no secret', 'DATABASE_URL=:memory:'],
    ['an empty secret', 'export BETTER_AUTH_SECRET="" # later\r\nDATABASE_URL=:memory:\r\n'],
    [
      'the address of published keys',
      'DATABASE_URL=:memory:\nBETTER_AUTH_JWKS_URL=http://127.0.0.1:1/jwks\n',
    ],
  ])('never changes an existing .env: with %s', async (_, text) => {
    const cwd = await checkOutWith(text)
    const before = await bytesOf(cwd)
    const { client } = await startDev(cwd)
    expect((await client.get('/health/live')).status).toBe(200)
    expect(await bytesOf(cwd)).toEqual(before)
  })

  it.each(foreign)(
    'names the file and the encoding of an .env in %s, and does not change it',
    async (_, bytes, name) => {
      const cwd = await checkOutWith(bytes)
      const dev = spawnDev(cwd)
      expect(await dev.exited()).toBe(1)
      expect(dev.output()).toMatch(new RegExp(`\\.env is in ${name}.*: save it in UTF-8`))
      expect(dev.output()).not.toContain('    at ')
      expect(new Uint8Array(await bytesOf(cwd))).toEqual(new Uint8Array(bytes))
      expect(await token(cwd)).toMatchObject({
        code: 1,
        output: expect.stringContaining(`.env is in ${name}`),
      })
    },
  )

  it('names an .env that cannot be read', async () => {
    const cwd = await checkOut()
    await mkdir(join(cwd, '.env'))
    const dev = spawnDev(cwd)
    expect(await dev.exited()).toBe(1)
    expect(dev.output()).toMatch(/\.env cannot be read: .*EISDIR/)
    expect(dev.output()).not.toContain('    at ')
  })

  it('uses a random secret for the run if .env has none, and says so', async () => {
    const cwd = await checkOutWith('DATABASE_URL=:memory:\n')
    const { client, output } = await startDev(cwd)
    expect(output()).toContain('BETTER_AUTH_SECRET is not set: a random one is used for this run')
    await client.until('/health', 200)
    const { code, output: sentence } = await token(cwd)
    expect(code).toBe(1)
    expect(sentence).toContain('BETTER_AUTH_SECRET is not set')
    expect(sentence).toContain('openssl rand -base64 32')
    expect(sentence).not.toContain('    at ')
  })

  it('uses .env.example and a random secret if .env cannot be created, and says so', async () => {
    const cwd = await checkOut()
    // As in a folder that cannot be written: it is missing, and an attempt to create it fails.
    await symlink('/nowhere/.env', join(cwd, '.env'))
    const { client, output } = await startDev(cwd)
    expect(output()).toContain('.env cannot be created, so .env.example is used')
    expect(output()).toContain('BETTER_AUTH_SECRET is not set: a random one is used for this run')
    await client.until('/health', 200)
    expect(await token(cwd)).toMatchObject({ code: 1, output: expect.stringContaining('bun run dev') })
  })

  it('starts again with the new values when .env changes, however it is saved', async () => {
    const cwd = await checkOutWith(`${usual}METRICS=false\n`)
    const dev = await startDev(cwd)
    const metrics = async (url: string) => (await createClient(url).get('/metrics')).status
    expect(await metrics(dev.url)).toBe(404)
    const listening = /listening.*(http:\/\/127\.0\.0\.1:\d+)/g
    const urlAfter = async (starts: number) => {
      await dev.printed(new RegExp(`(?:listening[^]*){${starts}}`))
      return [...dev.output().matchAll(listening)].at(-1)?.[1] ?? ''
    }

    await Bun.write(join(cwd, '.env'), `${usual}METRICS=true\n`)
    expect(await metrics(await urlAfter(2))).toBe(200)

    // Many editors write another file and rename it.
    await Bun.write(join(cwd, '.env.new'), `${usual}METRICS=false\n`)
    await Bun.$`mv ${join(cwd, '.env.new')} ${join(cwd, '.env')}`
    expect(await metrics(await urlAfter(3))).toBe(404)

    dev.process.kill('SIGINT')
    expect(await dev.exited()).toBe(0)
  })
})

describe('bun run token', () => {
  it('says what to do if there is no .env', async () => {
    const { code, output } = await token(await checkOut())
    expect(code).toBe(1)
    expect(output).toContain('"bun run dev" creates one with a secret')
  })

  it('signs tokens as the service expects them, whatever else is wrong', async () => {
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

  it('signs no token with published keys, and says what to do instead', async () => {
    const { code, output } = await token(await checkOut(), {
      BETTER_AUTH_JWKS_URL: 'https://user:p4ss@app.example/api/auth/jwks',
      BETTER_AUTH_SECRET: secret,
    })
    expect(code).toBe(1)
    expect(output).toContain('BETTER_AUTH_JWKS_URL is set')
    expect(output).toContain('/api/auth/token')
    expect(output).not.toContain('p4ss')
  })

  it('signs no token for a user id that the service would reject, and says which it accepts', async () => {
    const program = spawnProgram(
      { BETTER_AUTH_SECRET: secret },
      { command: ['bun', 'run', '--silent', 'token', 'x'.repeat(256)], cwd: await checkOut() },
    )
    expect(await program.exited()).toBe(1)
    expect(program.output()).toContain('1 to 255 visible characters')
  })
})
