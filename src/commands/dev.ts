import { prepareEnvFile } from './env-file'

/** Prepares .env, then serves, and starts again when the source changes. */
const root = `${import.meta.dir}/../..`

const note = prepareEnvFile(root)
if (note) console.log(note)

const server = Bun.spawn([process.execPath, '--watch', '--env-file=.env', 'src/index.ts'], {
  cwd: root,
  stdio: ['inherit', 'inherit', 'inherit'],
})
// Ctrl-C in a terminal reaches every process of the group, the server too, but a signal to this process
// alone does not: it has to be passed on. The server takes signals that are so close as one.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal))
process.exit(await server.exited)
