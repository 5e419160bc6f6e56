import { resolve } from 'node:path'
import { cleanUp } from './cleanup'
import { createClient } from './client'

export const root = resolve(import.meta.dir, '../..')

const source = ['bun', '--no-env-file', `${root}/src/index.ts`]

/** Variables without which no program starts. Nothing else of this process's may decide a test. */
export const bareEnvironment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' }

/** Waits until a program has printed something, for at most 10 s; returns its first group, or all of it. */
export const createPrinted = (output: () => string) => async (text: string | RegExp) => {
  const giveUp = performance.now() + 10_000
  for (;;) {
    const found = output().match(text)
    if (found) return found[1] ?? found[0]
    if (performance.now() > giveUp) throw new Error(`${text} was not printed: ${output()}`)
    await Bun.sleep(5)
  }
}

/** Runs the service as a process of its own, from source or from a binary. */
export const spawnProgram = (
  environment: Record<string, string>,
  { command = source, cwd = root }: { command?: string[]; cwd?: string } = {},
) => {
  const chunks: string[] = []
  const child = Bun.spawn(command, {
    cwd,
    env: { ...bareEnvironment, ...environment },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  cleanUp(() => child.kill('SIGKILL'))
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder()
    for await (const chunk of stream) chunks.push(decoder.decode(chunk, { stream: true }))
  }
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)])
  const output = () => chunks.join('')
  return {
    process: child,
    output,
    /** Its exit code, once all that it printed is here. */
    async exited() {
      const code = await child.exited
      await collected
      return code
    },
    printed: createPrinted(output),
  }
}

/** The same on a free port, once it listens, with a client for it. */
export const startProgram = async (
  environment: Record<string, string>,
  options?: { command?: string[]; cwd?: string },
) => {
  const program = spawnProgram({ HOST: '127.0.0.1', PORT: '0', ...environment }, options)
  const url = (await program.printed(/listening.*(http:\/\/127\.0\.0\.1:\d+)/)) as string
  return { ...program, url, client: createClient(url) }
}

/** Starts the service by a script of package.json. SIGKILL would leave the process that it starts running. */
export const startScript = async (script: string, cwd: string, environment: Record<string, string> = {}) => {
  const program = await startProgram(environment, { command: ['bun', 'run', script], cwd })
  cleanUp(() => {
    program.process.kill('SIGINT')
    return program.process.exited
  })
  return program
}
