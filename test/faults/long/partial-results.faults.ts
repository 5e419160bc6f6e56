import { describe, expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { expectRightReads, expectRightWrites, prepareFailingLists } from '../support/partial-results'
import { startServing } from '../support/process'

const faults = {
  'its deadline': {
    sql: 'PERFORM pg_sleep(10)',
    status: 503,
    environment: { DATABASE_TIMEOUT_MS: '1000' },
  },
  statement_timeout: { sql: 'PERFORM pg_sleep(10)', status: 503, statementTimeout: '200' },
  'a conflict on a standby': {
    sql: "RAISE 'canceling statement due to conflict with recovery' USING ERRCODE = '40001'",
    status: 503,
  },
}

describe('rows that arrived before their statement failed', () => {
  it.each(Object.entries(faults))(
    'are never those of the next statement: %s',
    async (_, fault) => {
      for (const table of ['tasks', 'messages', 'conversations'] as const) {
        const prepared = await prepareFailingLists(fault)
        const fail = await prepared.failLists(table)
        await expectRightReads(prepared, fail)
        await expectRightWrites(prepared, fail)
      }
    },
    120_000,
  )
})

it('pages under overload have no holes, though many statements are cancelled amid their rows', async () => {
  const cluster = await startCluster()
  const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: '100' })
  const admin = connectTo(cluster.url)
  // Random text, since Postgres would compress any other: 100 rows are a megabyte on the way.
  await admin.unsafe(`
    INSERT INTO tasks (user_id, title, description)
    SELECT 'user ' || owner, 'own', (SELECT string_agg(md5(random()::text || n), '') FROM generate_series(1, 300) n)
    FROM generate_series(1, 10) owner, generate_series(1, 100)`)
  const clients = await Promise.all(Array.from({ length: 10 }, (_, index) => service.as(`user ${index + 1}`)))
  const statuses: number[] = []
  const end = performance.now() + 15_000
  const work = async (index: number) => {
    while (performance.now() < end) {
      const { status, body } = (await clients[index % clients.length]?.get('/api/tasks?limit=100')) ?? {}
      statuses.push(status ?? 0)
      if (status !== 200) continue
      expect(body.data).not.toContain(null)
      for (const { user_id } of body.data) expect(user_id).toBe(`user ${(index % clients.length) + 1}`)
    }
  }
  await Promise.all(Array.from({ length: 180 }, (_, index) => work(index)))
  expect(new Set(statuses)).toEqual(new Set([200, 503]))
  expect(service.unexpectedOutput).toEqual([])
}, 60_000)
