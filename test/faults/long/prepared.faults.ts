import { expect, it } from 'bun:test'
import { parsePostgresUrl } from '../../../src/config/postgres-url'
import { connect } from '../../../src/database/postgres/connect'
import { keepsPreparedStatements } from '../../../src/database/postgres/pooler'
import { cleanUp } from '../../support/cleanup'
import { startCluster } from '../support/cluster'
import { startPgBouncer } from '../support/pgbouncer'

const findOut = async (url: string) => {
  const client = await connect(parsePostgresUrl(url).location)
  cleanUp(client.close)
  return keepsPreparedStatements(client)
}

it('prepared statements are used on Postgres itself, and not behind a pooler that loses them', async () => {
  const cluster = await startCluster()
  const { url } = await startPgBouncer(cluster)
  expect(await findOut(cluster.url)).toBe(true)
  expect(await findOut(url)).toBe(false)
}, 30_000)
