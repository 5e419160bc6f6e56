import { expect, it } from 'bun:test'
import { connectTo } from '../support/databases'
import { startCluster } from './support/cluster'
import { startServing } from './support/process'

it('a service that boots on a read-only database with its schema reads from it', async () => {
  const cluster = await startCluster()
  const first = await startServing(cluster.url)
  await (await first.as('alice')).post('/api/tasks', { title: 'before' })
  const admin = connectTo(cluster.url)
  await admin.unsafe('ALTER SYSTEM SET default_transaction_read_only = on')
  await admin`SELECT pg_reload_conf()`
  const second = await startServing(cluster.url)
  const alice = await second.as('alice')
  expect((await alice.get('/api/tasks')).body.data).toHaveLength(1)
  expect((await alice.post('/api/tasks', { title: 'refused' })).status).toBe(503)
  expect([...first.unexpectedOutput, ...second.unexpectedOutput]).toEqual([])
}, 30_000)
