import { expect, it } from 'bun:test'
import { chmodSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import { connectTo } from '../support/databases'
import { createCluster } from './support/cluster'
import { startServing } from './support/process'

it("a URL as shown in Neon's console connects and queries over TLS", async () => {
  const cluster = await createCluster({ ssl: 'on' })
  const key = join(cluster.data, 'server.key')
  const certificate = join(cluster.data, 'server.crt')
  const subject = ['-subj', '/CN=localhost', '-keyout', key, '-out', certificate]
  await Bun.$`openssl req -new -x509 -days 2 -nodes -newkey rsa:2048 ${subject}`.quiet()
  for (const file of [key, certificate]) {
    chownSync(file, cluster.user.uid, cluster.user.gid)
    chmodSync(file, 0o600)
  }
  await cluster.start()
  const service = await startServing(`${cluster.url}?sslmode=require&channel_binding=require`)
  const alice = await service.as('alice')
  expect((await alice.post('/api/tasks', { title: 'Milk' })).status).toBe(201)
  const connections = await connectTo(cluster.url)`
    SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`
  expect(connections.length).toBeGreaterThan(0)
  for (const { ssl } of connections) expect(ssl).toBe(true)
  // Neon's URLs require what the driver cannot do.
  expect(service.unexpectedOutput).toEqual([expect.stringContaining('the parameter "channel_binding"')])
}, 30_000)
