import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { atExit } from '../../support/at-exit'

export interface Server {
  url: string
  pid: number
  stop(): Promise<void>
}

const root = resolve(import.meta.dir, '../../..')
const healthyMs = 15_000

export const programs = {
  floor: ['bun', `${root}/test/bench/floor.ts`],
  limit: ['bun', `${root}/test/bench/limit.ts`],
  service: ['bun', `${root}/src/index.ts`],
  binary: [`${root}/dist/todo-backend`],
}

export const hasBinary = () => existsSync(`${root}/dist/todo-backend`)

export const freePort = () => {
  const server = Bun.serve({ port: 0, fetch: () => new Response() })
  const { port } = server
  server.stop(true)
  return Number(port)
}

/** Starts a server as in production and waits, looking every `pollMs`, until its /health says 200. */
export const startServer = async (
  command: readonly string[],
  env: { DATABASE_URL: string; BETTER_AUTH_SECRET: string },
  pollMs = 20,
): Promise<Server> => {
  const port = freePort()
  const url = `http://127.0.0.1:${port}`
  const child = Bun.spawn([...command], {
    // Away from the repository, whose .env Bun would read.
    cwd: '/',
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      HOST: '127.0.0.1',
      PORT: String(port),
      ...env,
    },
    // Standard output is for the tables.
    stdio: ['ignore', 2, 2],
  })
  atExit(() => child.kill('SIGKILL'))

  const end = performance.now() + healthyMs
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || performance.now() > end)
      throw new Error(`${command.join(' ')} did not become healthy`)
    await Bun.sleep(pollMs)
  }
  return {
    url,
    pid: child.pid,
    async stop() {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}

const isHealthy = async (url: string) => {
  try {
    const { status } = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1000) })
    return status === 200
  } catch {
    return false
  }
}

/** Milliseconds of processor time that a process has used; nothing where the system has no /proc. */
export const processorTime = (pid: number): number | undefined => {
  if (!existsSync(`/proc/${pid}/stat`)) return undefined
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  // User and system time, in ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Megabytes of memory that a process holds; nothing where the system has no /proc. */
export const residentMemory = (pid: number): number | undefined => {
  if (!existsSync(`/proc/${pid}/status`)) return undefined
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}
