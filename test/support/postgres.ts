import { execFileSync, spawn } from 'node:child_process'
import { existsSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { atExit } from './at-exit'
import { endWithoutPostgres, initdb, installation, openFolder, orEnd, temporary } from './installation'

const readyMs = 20_000
const stopMs = 5000

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

/** Where data that is thrown away is kept: in memory where that has room. */
const parent = () => {
  if (!existsSync(memory)) return temporary
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > enoughBytes ? memory : temporary
}

let template: string | undefined

/** Copying a data folder is quicker than making one, above all with small segments. */
const createTemplate = () => {
  const data = join(openFolder(temporary), 'template')
  initdb(data, '--no-sync', '--wal-segsize=1')
  return data
}

/** Creates a data folder, in a folder of its own that is removed at the end, and returns its path. */
export const createData = () =>
  orEnd(() => {
    template ??= createTemplate()
    const data = join(openFolder(parent()), 'data')
    execFileSync('cp', ['-a', template, data])
    return data
  })

/** Whether any server became ready. */
let isProven = false

/**
 * Starts a server on a data folder. `ready` rejects with its output if it ends before it is ready. If it is
 * the first one, it ends this program: then no other would start either.
 */
export const serve = (data: string, port: number, settings: Record<string, string> = {}) => {
  const { programs, options } = installation()
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(programs, 'postgres'), ['-D', data, '-p', `${port}`, ...flags], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  const { promise: isReady, resolve, reject } = Promise.withResolvers<void>()
  const fail = (reason: string) => reject(new Error(`${reason}: ${output}`))
  const limit = setTimeout(() => fail(`it was not ready within ${readyMs} ms`), readyMs)
  child.stderr.on('data', (text) => {
    output += text
    if (output.includes('ready to accept connections')) resolve()
  })
  child.on('error', reject).on('close', () => fail('it ended'))
  const untilReady = async () => {
    try {
      await isReady
      isProven = true
    } catch (error) {
      if (!isProven) endWithoutPostgres(error)
      throw error
    } finally {
      clearTimeout(limit)
    }
  }
  const runs = () => child.exitCode === null && child.signalCode === null
  atExit(() => {
    if (!runs()) return
    child.kill('SIGQUIT')
    // It removes its file last. A handler of the exit cannot wait for anything else.
    const giveUpAt = performance.now() + stopMs
    while (existsSync(join(data, 'postmaster.pid')) && performance.now() < giveUpAt) Bun.sleepSync(20)
  })
  return { child, runs, output: () => output, ready: untilReady() }
}

/** Settings of servers whose data is thrown away: without durability the tests are faster. */
export const disposable = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off' }

/** The URL of a real Postgres of one's own, until this program ends. */
export const startPostgres = async () => {
  const port = await freePort()
  await serve(createData(), port, { ...disposable, max_connections: '200' }).ready.catch(endWithoutPostgres)
  return `postgres://postgres@127.0.0.1:${port}/postgres`
}
