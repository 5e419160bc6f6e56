import { readFileSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { cleanUp } from '../../support/cleanup'
import { createData, disposable, freePort, serve } from '../../support/postgres'
import { until } from './time'

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)

const signal = (pid: number, name: NodeJS.Signals) => {
  try {
    process.kill(pid, name)
  } catch {
    // It ended by itself in the meantime.
  }
}

/** The state of a process as a letter (proc_pid_stat(5)); undefined if there is none. */
const stateOf = (pid: number) => {
  try {
    return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

/** Whether a process runs; one that has ended and only waits to be reaped (Z) does not. */
const runs = (pid: number) => !['Z', undefined].includes(stateOf(pid))

/** Suspends a process, and returns when it is suspended (T): until then it may still answer, or start a child. */
const suspend = (pid: number) => {
  signal(pid, 'SIGSTOP')
  const giveUpAt = performance.now() + 1000
  while (runs(pid) && stateOf(pid) !== 'T')
    if (performance.now() > giveUpAt) throw new Error(`process ${pid} is not suspended`)
}

export type Cluster = Awaited<ReturnType<typeof createCluster>>

/** A Postgres of the test's own that is not running yet, to which anything may be done. */
export const createCluster = async (settings: Record<string, string> = {}, given?: number) => {
  const data = createData()
  cleanUp(() => rmSync(dirname(data), { recursive: true, force: true }))
  const { uid, gid } = statSync(data)
  const port = given ?? (await freePort())
  let server: ReturnType<typeof serve> | undefined

  const running = () => (server?.runs() ? server.child : undefined)

  /** Signals the postmaster and all that it started: each backend leads a process group of its own. */
  const signalAll = (name: NodeJS.Signals) => {
    const { pid } = running() ?? {}
    if (pid === undefined) return []
    // The postmaster is suspended first, so that it starts no child in between.
    if (name !== 'SIGCONT') suspend(pid)
    const all = [...childrenOf(pid), pid]
    for (const each of all)
      if (name === 'SIGSTOP') suspend(each)
      else signal(each, name)
    return all
  }

  const cluster = {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    urlOf: (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`,
    port,
    data,
    user: { uid, gid },

    async start() {
      server = serve(data, port, { ...disposable, ...settings })
      await server.ready
    },

    /** What the server has logged since its start. */
    log: () => server?.output() ?? '',

    /** Ends everything at once, as a power failure does. */
    async kill() {
      const ending = running()
      if (!ending) return
      const ended = new Promise((resolve) => ending.once('exit', resolve))
      const killed = signalAll('SIGKILL')
      await ended
      // Else the next server finds the memory that they share still in use.
      await until('all its processes are gone', () => !killed.some(runs))
    },

    /** Ends it so that it releases its shared memory, which a kill would leave allocated. */
    async stop() {
      cluster.thaw()
      running()?.kill('SIGQUIT')
      await until('Postgres has ended', () => !running())
    },

    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
  }
  cleanUp(cluster.stop)
  return cluster
}

export const startCluster = async (settings?: Record<string, string>) => {
  const cluster = await createCluster(settings)
  await cluster.start()
  return cluster
}
