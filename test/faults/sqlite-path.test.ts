import { describe, expect, it } from 'bun:test'
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { builtBinary } from '../support/binary'
import { temporaryFolder } from '../support/databases'
import { startProgram } from '../support/program'
import { secret } from '../support/tokens'
import { startServing } from './support/process'

const nobody = 65_534
const isRoot = process.getuid?.() === 0

/** The program of an ordinary user, in a folder of that user. */
const startAsUser = async (path: string) => {
  const binary = await builtBinary()
  chmodSync(dirname(binary), 0o755)
  const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']
  const command = [...(isRoot ? asNobody : []), binary]
  return startProgram(
    { DATABASE_URL: `sqlite:${path}`, BETTER_AUTH_SECRET: secret },
    { command, cwd: '/tmp' },
  )
}

const folderOfUser = () => {
  const folder = temporaryFolder()
  if (isRoot) chownSync(folder, nobody, nobody)
  return folder
}

/** What is in the way of a file in a folder, and how the log names it. */
const obstacles = {
  'a folder that may not be written': (folder: string) => {
    mkdirSync(join(folder, 'data'))
    chmodSync(join(folder, 'data'), 0o555)
    return { path: join(folder, 'data', 'todo.db'), reason: 'EACCES' }
  },
  'a folder that may not be entered': (folder: string) => {
    mkdirSync(join(folder, 'data'))
    chmodSync(join(folder, 'data'), 0o600)
    return { path: join(folder, 'data', 'todo.db'), reason: 'EACCES' }
  },
  'a folder that may not be created': (folder: string) => {
    chmodSync(folder, 0o555)
    return { path: join(folder, 'data', 'todo.db'), reason: 'EACCES' }
  },
  'a file that may not be written': (folder: string) => {
    const path = join(folder, 'todo.db')
    writeFileSync(path, '')
    chmodSync(path, 0o444)
    return { path, reason: 'EACCES' }
  },
  'a file where its folder should be': (folder: string) => {
    writeFileSync(join(folder, 'data'), '')
    return { path: join(folder, 'data', 'todo.db'), reason: 'ENOTDIR|EEXIST' }
  },
  'a folder at its path': (folder: string) => {
    const path = join(folder, 'todo.db')
    mkdirSync(path)
    if (isRoot) chownSync(path, nobody, nobody)
    return { path, reason: 'EISDIR' }
  },
}

describe('the path of a SQLite file', () => {
  it.each(Object.entries(obstacles))(
    'is in the log, with what is in the way: %s',
    async (_, block) => {
      const { path, reason } = block(folderOfUser())
      const service = await startAsUser(path)
      const line = await service.printed(/^.*database disconnected.*$/m)
      expect(line).toContain(path)
      expect(line).toMatch(new RegExp(reason))
      expect((await service.client.get('/health')).status).toBe(503)
    },
    30_000,
  )
})

describe('the folder and the files of SQLite', () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

  it('that the service creates are for its user alone', async () => {
    const folder = join(temporaryFolder(), 'new', 'data')
    const path = join(folder, 'todo.db')
    const service = await startServing(`sqlite:${path}`)
    expect((await (await service.as('alice')).post('/api/tasks', { title: 'Milk' })).status).toBe(201)
    expect([dirname(folder), folder].map(modeOf)).toEqual(['700', '700'])
    expect([path, `${path}-wal`, `${path}-shm`].map(modeOf)).toEqual(['600', '600', '600'])
  })

  it('that exist keep their modes', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'todo.db')
    chmodSync(folder, 0o750)
    writeFileSync(path, '')
    chmodSync(path, 0o640)
    await startServing(`sqlite:${path}`)
    expect([folder, path].map(modeOf)).toEqual(['750', '640'])
  })
})
