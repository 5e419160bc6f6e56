import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanUp } from '../../support/cleanup'
import { temporaryFolder } from '../../support/databases'
import { freePort } from '../../support/postgres'
import type { Cluster } from './cluster'
import { until } from './time'

/** PgBouncer in transaction mode in front of a cluster. Debian's package has 1.18, as `pgbouncer`. */
export const startPgBouncer = async (cluster: Cluster, mostClients = 500) => {
  const folder = temporaryFolder()
  const port = await freePort()
  const file = join(folder, 'pgbouncer.ini')
  writeFileSync(
    file,
    `[databases]
    * = host=127.0.0.1 port=${cluster.port} user=postgres
    [pgbouncer]
    listen_addr = 127.0.0.1
    listen_port = ${port}
    unix_socket_dir =
    pool_mode = transaction
    auth_type = any
    default_pool_size = 10
    max_client_conn = ${mostClients}
    `.replaceAll(/^ +/gm, ''),
  )
  // It refuses to run as root, and a folder of mkdtemp is for its owner alone.
  chmodSync(folder, 0o755)
  const { uid, gid } = cluster.user
  const asUser =
    process.getuid?.() === 0 ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : []
  const child = Bun.spawn([...asUser, 'pgbouncer', file], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
  })
  let output = ''
  const collect = async () => {
    const decoder = new TextDecoder()
    for await (const chunk of child.stderr) output += decoder.decode(chunk, { stream: true })
  }
  const collected = collect()
  cleanUp(async () => {
    child.kill('SIGKILL')
    await collected
  })
  await until('PgBouncer listens', () => {
    if (child.exitCode !== null) throw new Error(`PgBouncer did not start: ${output}`)
    return output.includes('process up')
  })
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, log: () => output }
}
