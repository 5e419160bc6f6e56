import { resolve } from 'node:path'
import { cleanUp } from './cleanup'
import { createClient } from './client'

export const root = resolve(import.meta.dir, '../..')

const source = ['bun', `${root}/src/index.ts`]

/** Runs the service as a process of its own, from source or from a binary. */
export const spawnProgram = (
  environment: Record<string, string>,
  { command = source, cwd = root }: { command?: string[]; cwd?: string } = {},
) => {
  const chunks: string[] = []
  const child = Bun.spawn(command, {
    cwd,
    // Nothing of the surroundings, a .env file of the folder among them, must decide a test.
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment },
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
    async printed(text: string | RegExp) {
      const giveUp = performance.now() + 10_000
      for (;;) {
        const found = output().match(text)
        if (found) return found[1] ?? found[0]
        if (performance.now() > giveUp) throw new Error(`${text} was not printed: ${output()}`)
        await Bun.sleep(5)
      }
    },
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
