import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '../support/client'
import { temporaryFolder } from '../support/databases'
import { freePort } from '../support/postgres'
import { root, spawnProgram } from '../support/program'

setDefaultTimeout(30_000)

/** A checkout as a stranger has it, but for what bun install brings. */
const checkout = async () => {
  const folder = temporaryFolder()
  for (const name of ['src', 'package.json', 'tsconfig.json', 'bunfig.toml', '.env.example'])
    await cp(join(root, name), join(folder, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

describe('the commands of package.json', () => {
  it('bring a fresh checkout to a stored task: dev makes .env, token signs', async () => {
    const cwd = await checkout()
    const PORT = String(await freePort())
    const dev = spawnProgram({ PORT, HOST: '127.0.0.1' }, { command: ['bun', 'run', 'dev'], cwd })
    await dev.printed('listening')
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

    const again = spawnProgram({ PORT: '0' }, { command: ['bun', 'run', 'dev'], cwd })
    await again.printed('listening')
    expect(await Bun.file(join(cwd, '.env')).text()).toBe(environment)
    for (const { process, exited } of [dev, again]) {
      process.kill('SIGINT')
      await exited()
    }
  })

  it('sign no token without a secret', async () => {
    const token = spawnProgram({}, { command: ['bun', 'run', 'token'], cwd: await checkout() })
    expect(await token.exited()).toBe(1)
    expect(token.output()).toContain('BETTER_AUTH_SECRET is not set')
  })
})
