import { describe, expect, it } from 'bun:test'
import { expectRightReads, expectRightWrites, prepareFailingLists } from './support/partial-results'

describe('rows that arrived before their statement failed', () => {
  it('are never those of the next statement, when it was cancelled at its deadline', async () => {
    const prepared = await prepareFailingLists({
      sql: 'PERFORM pg_sleep(10)',
      status: 503,
      environment: { DATABASE_TIMEOUT_MS: '200' },
    })
    const fail = await prepared.failLists('tasks')
    await expectRightReads(prepared, fail)
  }, 30_000)

  it.each(['tasks', 'messages', 'conversations'] as const)(
    'are never those of the next statement, when the server met an error in %s',
    async (table) => {
      const prepared = await prepareFailingLists({ sql: 'PERFORM 1 / 0', status: 500 })
      const fail = await prepared.failLists(table)
      await expectRightReads(prepared, fail)
      await expectRightWrites(prepared, fail)
    },
    30_000,
  )

  it('are not sent to their client, and do not affect others in flight', async () => {
    const prepared = await prepareFailingLists({ sql: 'PERFORM 1 / 0', status: 500 })
    const fail = await prepared.failLists('tasks')
    for (let round = 0; round < 20; round++) {
      const [, ...answers] = await Promise.all([
        fail(),
        ...Array.from({ length: 6 }, () => prepared.bob.get('/api/tasks?limit=3')),
      ])
      for (const { status, body } of answers) {
        expect(status).toBe(200)
        expect(body.data).toEqual(Array(3).fill(expect.objectContaining({ user_id: 'bob' })))
      }
    }
  }, 30_000)
})
