import { existsSync, writeFileSync } from 'node:fs'

/** Makes .env from .env.example, with a secret of its own, where there is none; then serves. */
const root = `${import.meta.dir}/../..`
const file = `${root}/.env`

if (!existsSync(file)) {
  const secret = crypto.getRandomValues(Buffer.alloc(32)).toString('base64url')
  const example = await Bun.file(`${root}/.env.example`).text()
  const text = example.replace(/^BETTER_AUTH_SECRET=$/m, `BETTER_AUTH_SECRET=${secret}`)
  writeFileSync(file, text, { mode: 0o600 })
  console.log('Made .env from .env.example, with a fresh secret.')
}

const server = Bun.spawn(['bun', '--watch', 'src/index.ts'], {
  cwd: root,
  stdio: ['inherit', 'inherit', 'inherit'],
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal))
process.exit(await server.exited)
