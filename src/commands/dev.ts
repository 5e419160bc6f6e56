import { prepareEnvFile } from './env-file'

// Prepares .env, then runs the service and restarts it when the source changes.

const root = `${import.meta.dir}/../..`

const note = prepareEnvFile(root)
if (note) console.log(note)

const server = Bun.spawn([process.execPath, '--watch', '--env-file=.env', 'src/index.ts'], {
  cwd: root,
  stdio: ['inherit', 'inherit', 'inherit'],
})
// Ctrl-C in a terminal reaches the whole process group, including the server. A signal to this process only
// does not, so it is forwarded. The server treats signals this close together as one.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal))
process.exit(await server.exited)
