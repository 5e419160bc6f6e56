import { watchFile } from 'node:fs'
import { prepareEnvFile } from './env-file'

// Prepares .env, then runs the service, and starts it again when the source or .env changes.

const cwd = `${import.meta.dir}/../..`

const start = () => {
  try {
    const command = [process.execPath, '--watch', `--env-file=${prepareEnvFile(cwd)}`, 'src/index.ts']
    return Bun.spawn(command, { cwd, stdio: ['inherit', 'inherit', 'inherit'] })
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}

let server = start()
let isRestarting = false

watchFile(`${cwd}/.env`, { interval: 500 }, ({ mtimeMs }, before) => {
  if (mtimeMs === 0 || mtimeMs === before.mtimeMs) return
  console.log('.env has changed, so the service starts again.')
  isRestarting = true
  server.kill('SIGINT')
})

// Ctrl-C in a terminal reaches the server, too, which treats signals this close together as one.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    isRestarting = false
    server.kill(signal)
  })

for (;;) {
  const code = await server.exited
  if (!isRestarting) process.exit(code)
  isRestarting = false
  server = start()
}
