import { expect, it } from 'bun:test'
import { connectTo } from '../support/databases'
import { startCluster } from './support/cluster'
import { startProcess } from './support/process'
import { expectEverySlot } from './support/statements'
import { until } from './support/time'

it('a connection that closes while another one sets up the schema is replaced', async () => {
  const cluster = await startCluster()
  const admin = connectTo(cluster.url)
  const locker = connectTo(cluster.url)
  // Whoever creates the same table waits for this transaction.
  await locker.unsafe('BEGIN; CREATE TABLE todo_backend_migrations (name text)')
  const poolMax = 2
  const service = await startProcess(cluster.url, { DATABASE_POOL_MAX: String(poolMax) })
  const alice = await service.as('alice')
  /** Its connections, by whether they wait for the lock. */
  const connections = (waits: boolean) => admin`
    SELECT pid FROM pg_stat_activity
    WHERE application_name = 'todo-backend' AND (wait_event_type = 'Lock') = ${waits}`
  await until('it sets up the schema', async () => (await connections(true)).length === 1)
  const reads = Array.from({ length: poolMax }, () => alice.get('/api/tasks'))
  await until('another connection waits for that', async () => (await connections(false)).length > 0)
  for (const { pid } of await connections(false)) await admin`SELECT pg_terminate_backend(${pid}::int)`
  await locker.unsafe('ROLLBACK')
  expect((await Promise.all(reads)).map(({ status }) => status)).toEqual([200, 200])
  await expectEverySlot(admin, alice, poolMax)
}, 30_000)
