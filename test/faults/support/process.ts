import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Client, createClient } from '../../support/client'
import { temporaryFolder } from '../../support/databases'
import { freePort } from '../../support/postgres'
import { spawnProgram } from '../../support/program'
import { secret, tokenOf } from '../../support/tokens'
import { until } from './time'

/** The binary where SERVICE_BINARY names it, else the source. */
const command = process.env.SERVICE_BINARY ? [resolve(process.env.SERVICE_BINARY)] : undefined

/** Resident memory of a process in megabytes. */
export const memoryOf = (pid: number) => {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

export type Running = Awaited<ReturnType<typeof startProcess>>

/** The service as a process of its own, once it listens, whatever its database does. */
export const startProcess = async (databaseUrl: string, environment: Record<string, string> = {}) => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const client = createClient(url)
  const program = spawnProgram(
    {
      DATABASE_URL: databaseUrl,
      BETTER_AUTH_SECRET: secret,
      HOST: '127.0.0.1',
      PORT: String(port),
      // A line for each request would be much of the load.
      LOG_LEVEL: 'warn',
      ...environment,
    },
    { command, cwd: temporaryFolder() },
  )
  const { process: child } = program
  const listensAfter = await until('the service listens', async () => {
    if (child.exitCode !== null) throw new Error(`The service ended: ${program.output()}`)
    return (await client.get('/health/live').catch(() => undefined))?.status === 200
  })

  return {
    ...client,
    url,
    port,
    pid: child.pid,
    listensAfter,
    exited: program.exited,
    output: program.output,
    printed: program.printed,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** The lines that it wrote, except the changes of the database's state, and why it refused requests meanwhile. */
    get unexpectedOutput() {
      const lines = program.output().split('\n')
      const expected = / (info|warn) +(database (dis)?connected|request .* code=database_unavailable) /
      return lines.filter((line) => line !== '' && !expected.test(`${line} `))
    },
    /** Resident memory in megabytes. */
    get memory() {
      return memoryOf(child.pid)
    },
    as: async (user: string): Promise<Client> =>
      createClient(url, { authorization: `Bearer ${await tokenOf(user)}` }),
  }
}

/** The same, once it serves from its database. */
export const startServing = async (databaseUrl: string, environment?: Record<string, string>) => {
  const service = await startProcess(databaseUrl, environment)
  await service.until('/health', 200)
  return service
}
