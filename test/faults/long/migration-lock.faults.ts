import { expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { expectWaitsForMigration } from '../support/migration-lock'

it('a migration of another replica is waited for on a server without room for a connection to ask about it', async () => {
  const cluster = await startCluster({ log_statement: 'all' })
  const admin = connectTo(cluster.url)
  await admin.unsafe(`
    CREATE ROLE limited LOGIN CONNECTION LIMIT 2;
    GRANT CREATE ON SCHEMA public TO limited`)
  await expectWaitsForMigration(cluster.url.replace('postgres@', 'limited@'), admin, 12_000)
  // Once by the test, and once by the service.
  expect(cluster.log().match(/pg_advisory_xact_lock/g)).toHaveLength(2)
}, 60_000)
