import { describe, expect, it } from 'bun:test'
import { eq, sql } from 'drizzle-orm'
import { dialects, freshDatabase, openConnected } from '../support/databases'

describe.each(dialects)('a statement on %s', (dialect) => {
  it('that lacks a value is not sent, and does not affect others in flight', async () => {
    const database = await openConnected(await freshDatabase(dialect), { DATABASE_POOL_MAX: '1' })
    const { conversations } = database.models
    const query = database.dialect.queryBuilder()
    const user_id = sql.placeholder('user_id')
    const add = database.prepare(query.insert(conversations).values({ user_id }).returning(), null)
    const find = database.prepare(
      query.select().from(conversations).where(eq(conversations.user_id, user_id)),
      null,
    )
    for (const name of ['alice', 'bob']) await add({ user_id: name }, database.deadline())

    const attempt = async (values: Record<string, unknown>) => find(values, database.deadline())
    const [alice, missing, wrong, bob] = await Promise.allSettled(
      [{ user_id: 'alice' }, {}, { user_id: Object.create(null) }, { user_id: 'bob' }].map(attempt),
    )
    expect(alice).toMatchObject({ value: [{ user_id: 'alice' }] })
    expect(bob).toMatchObject({ value: [{ user_id: 'bob' }] })
    for (const refused of [missing, wrong]) {
      const { reason } = refused as PromiseRejectedResult
      expect(reason).toBeInstanceOf(TypeError)
      expect(reason.message).toStartWith('Parameter 1 is missing or not a plain value in: select')
    }
  })
})
