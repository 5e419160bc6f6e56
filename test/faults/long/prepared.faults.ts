import { expect, it } from 'bun:test'
import { keepsPreparedStatements, openClient } from '../../../src/database/postgres/client'
import { cleanUp } from '../../support/cleanup'
import { startCluster } from '../support/cluster'
import { startPgBouncer } from '../support/pgbouncer'

const findOut = async (url: string) => {
  const client = await openClient(url, 5000)
  cleanUp(client.close)
  return keepsPreparedStatements(client)
}

it('prepared statements are used on Postgres itself, and not behind a pooler that loses them', async () => {
  const cluster = await startCluster()
  const { url } = await startPgBouncer(cluster)
  expect(await findOut(cluster.url)).toBe(true)
  expect(await findOut(url)).toBe(false)
}, 30_000)
