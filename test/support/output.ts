import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanUp } from './cleanup'
import { createClient } from './client'
import { temporaryFolder } from './databases'
import { freePort } from './postgres'
import { root } from './program'
import { secret } from './tokens'

/** The service, in production, with standard output at a file descriptor of the test's. */
export const startWithOutput = async (output: number, environment: Record<string, string> = {}) => {
  const port = await freePort()
  const child = Bun.spawn([process.execPath, `${root}/src/index.ts`], {
    cwd: temporaryFolder(),
    env: {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: ':memory:',
      BETTER_AUTH_SECRET: secret,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      ...environment,
    },
    stdout: output,
    stderr: 'inherit',
  })
  cleanUp(() => child.kill('SIGKILL'))
  const client = createClient(`http://127.0.0.1:${port}`)
  await client.until('/health', 200)
  return { child, client }
}

/** Asks so often; each request has a line of some 480 characters in the log. */
export const askMany = async ({ get }: ReturnType<typeof createClient>, count: number) => {
  // Longer ones are cut in the log.
  const path = `/${'x'.repeat(199)}`
  const headers = { 'x-request-id': 'y'.repeat(128) }
  const statuses = new Set<number>()
  const ask = async () => {
    while (count-- > 0) statuses.add((await get(path, headers)).status)
  }
  await Promise.all(Array.from({ length: 8 }, ask))
  return [...statuses]
}

/** A pipe with a reader that can stall and end; what it has read is in `output`. */
export const createPipe = async () => {
  const folder = temporaryFolder()
  const [pipe, file] = [join(folder, 'pipe'), join(folder, 'output')]
  await Bun.$`mkfifo ${pipe}`
  writeFileSync(file, '')
  const reader = Bun.spawn(['cat', pipe], { stdout: Bun.file(file), stderr: 'inherit' })
  // Waits for the reader.
  const writer = openSync(pipe, 'w')
  cleanUp(() => {
    reader.kill('SIGKILL')
    closeSync(writer)
  })
  return {
    writer,
    stall: () => reader.kill('SIGSTOP'),
    resume: () => reader.kill('SIGCONT'),
    async end() {
      reader.kill('SIGKILL')
      await reader.exited
    },
    output: () => readFileSync(file, 'utf8'),
  }
}
