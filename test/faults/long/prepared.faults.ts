import { expect, it } from 'bun:test'
import { parsePostgresUrl } from '../../../src/config/postgres-url'
import { openClient } from '../../../src/database/postgres/client'
import { cleanUp } from '../../support/cleanup'
import { startCluster } from '../support/cluster'
import { startPgBouncer } from '../support/pgbouncer'

const losesStatements = async (url: string) => {
  const client = await openClient(parsePostgresUrl(url).location, true).client
  cleanUp(client.close)
  return client.losesStatements
}

it('prepared statements are used on Postgres itself, and not behind a pooler that loses them', async () => {
  const cluster = await startCluster()
  const { url } = await startPgBouncer(cluster)
  expect(await losesStatements(cluster.url)).toBe(false)
  expect(await losesStatements(url)).toBe(true)
}, 30_000)
