import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { builtBinary } from '../support/binary'
import { checkOut } from '../support/checkout'
import { temporaryFolder } from '../support/databases'
import { root, spawnProgram, startProgram, startScript } from '../support/program'

setDefaultTimeout(30_000)

const write = async (folder: string, files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) await Bun.write(join(folder, name), text)
}

/** Files that Bun reads from the folder in which it runs, unless told not to. */
const foreignFiles = {
  'bunfig.toml': 'preload = ["./foreign.ts"]\n',
  '.bunfig.toml': 'preload = ["./foreign.ts"]\n',
  'foreign.ts': 'console.log("foreign code")\n',
  'package.json': '{ "type": "commonjs", "imports": { "#x": "./foreign.ts" } }',
  'tsconfig.json': '{ "compilerOptions": { "paths": { "*": ["./foreign.ts"] } } }',
  '.env.local': 'LOG_LEVEL=wrong\n',
  '.env.development': 'LOG_LEVEL=wrong\n',
  '.env.production': 'LOG_LEVEL=wrong\n',
  '.env.production.local': 'LOG_LEVEL=wrong\n',
}

describe('the binary', () => {
  it.each(['production', 'development'])('reads nothing from its folder but .env in %s', async (NODE_ENV) => {
    const folder = temporaryFolder()
    await write(folder, foreignFiles)
    await write(folder, {
      '.env': `DATABASE_URL=:memory:\nBETTER_AUTH_SECRET="${'s'.repeat(32)}"\nMETRICS=true\n`,
    })
    const options = { command: [await builtBinary()], cwd: folder }
    const program = await startProgram({ NODE_ENV, HOME: folder }, options)
    expect((await program.client.get('/metrics')).status).toBe(200)
    expect(program.output()).not.toContain('foreign code')
    expect(program.output()).not.toContain('warn')
  })

  it('starts in a folder whose bunfig.toml names a file that does not exist', async () => {
    const folder = temporaryFolder()
    await write(folder, { 'bunfig.toml': 'preload = ["./missing.ts"]\n' })
    const options = { command: [await builtBinary()], cwd: folder }
    const program = await startProgram({ DATABASE_URL: ':memory:' }, options)
    expect((await program.client.get('/health/live')).status).toBe(200)
  })

  it('prefers its environment to .env', async () => {
    const folder = temporaryFolder()
    await write(folder, { '.env': 'DATABASE_URL=:memory:\nMETRICS=true\n' })
    const options = { command: [await builtBinary()], cwd: folder }
    const program = await startProgram({ METRICS: 'false' }, options)
    expect((await program.client.get('/metrics')).status).toBe(404)
  })
})

describe('a checkout', () => {
  it('starts with its .env', async () => {
    const cwd = await checkOut()
    await write(cwd, { '.env': 'DATABASE_URL=:memory:\nMETRICS=true\n', '.env.local': 'LOG_LEVEL=wrong\n' })
    const program = await startScript('start', cwd)
    expect((await program.client.get('/metrics')).status).toBe(200)
  })

  it('tests without any .env file', async () => {
    const cwd = temporaryFolder()
    await cp(join(root, 'bunfig.toml'), join(cwd, 'bunfig.toml'))
    await mkdir(join(cwd, 'test/support'), { recursive: true })
    const files = ['.env', '.env.local', '.env.test', '.env.test.local', '.env.development']
    for (const name of files) await write(cwd, { [name]: `HOSTILE=${name}\n` })
    const print = "console.log('sees', process.env.HOSTILE)"
    await write(cwd, {
      'test/support/setup.ts': '',
      'child.ts': print,
      'test/probe.test.ts': `${print}\nconsole.log(Bun.spawnSync(['bun', 'child.ts']).stdout.toString())`,
    })
    const tests = spawnProgram({}, { command: ['bun', 'test'], cwd })
    await tests.exited()
    expect(tests.output().match(/sees .*/g)).toEqual(['sees undefined', 'sees undefined'])
  })
})
