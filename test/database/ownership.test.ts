import { describe, expect, it } from 'bun:test'
import { and, eq, or, sql } from 'drizzle-orm'
import { type Database, ResultMismatch } from '../../src/database'
import { createConnection } from '../../src/database/postgres/connection'
import { prepareStatement } from '../../src/database/prepared-statement'
import { createConversationStore } from '../../src/stores/conversations'
import { createMessageStore } from '../../src/stores/messages'
import { currentUser, forUser, prepareForUser } from '../../src/stores/user-scope'
import { dialects, freshDatabase, openConnected } from '../support/databases'

/** Rows of Alice and of Bob, and what runs statements as Alice. */
const store = async (database: Database) => {
  const { tasks } = database.models
  const add = database.prepare(
    database.dialect
      .queryBuilder()
      .insert(tasks)
      .values({ user_id: sql.placeholder('name'), title: 'own' }),
    null,
  )
  for (const name of ['alice', 'bob']) await add({ name }, database.deadline())
  return { tasks, run: forUser('alice', database.deadline()) }
}

describe.each(dialects)('a statement on %s that is bound to a user', (dialect) => {
  it('is refused before it ever runs if it does not name the user', async () => {
    const database = await openConnected(await freshDatabase(dialect))
    const { tasks, conversations, messages } = database.models
    const query = database.dialect.queryBuilder()
    const prepare = prepareForUser(database)
    const other = sql.placeholder('id')
    const unbound = [
      query.select().from(tasks),
      query.select().from(tasks).where(eq(tasks.user_id, other)),
      query.select().from(tasks).where(eq(tasks.user_id, 'alice')),
      query.insert(conversations).values({ user_id: other }).returning(),
      query.update(tasks).set({ title: 'x' }).returning(),
      query.delete(tasks).where(eq(tasks.id, other)).returning(),
      // This would give a task of anybody to the user.
      query
        .update(tasks)
        .set({ user_id: sql`${currentUser}` })
        .where(eq(tasks.id, other))
        .returning(),
      // These name the user, but as something else.
      query.select().from(tasks).where(eq(tasks.title, currentUser)),
      query
        .select()
        .from(tasks)
        .where(and(eq(tasks.title, currentUser), eq(tasks.user_id, other))),
      database.dialect.insertAfter(
        query
          .update(conversations)
          .set({ updated_at: database.dialect.now })
          .where(eq(conversations.id, other)),
        messages,
        { user_id: currentUser, conversation_id: other, role: sql`'user'`, content: sql`'x'` },
        { id: messages.id, user_id: messages.user_id },
      ),
    ]
    for (const built of unbound)
      expect(() => prepare(built)).toThrow(
        /^This statement is not bound to an owner \(no parameter user_id in its conditions or values\)/,
      )
  })

  it('returns no row of another user, whatever its conditions are', async () => {
    const database = await openConnected(await freshDatabase(dialect))
    const { tasks, run } = await store(database)
    const query = database.dialect.queryBuilder()
    const prepare = prepareForUser(database)
    const own = eq(tasks.user_id, currentUser)
    const wide = or(own, eq(tasks.title, 'own'))
    const { user_id, ...nameless } = { user_id: tasks.user_id, id: tasks.id }
    expect(await run(prepare(query.select().from(tasks).where(own)))).toMatchObject([{ user_id: 'alice' }])
    for (const built of [
      query.select().from(tasks).where(wide),
      query.update(tasks).set({ completed: true }).where(wide).returning(),
      // What does not say whose it is might be anybody's.
      query.select(nameless).from(tasks).where(own),
      query.delete(tasks).where(wide).returning({ user_id }),
    ])
      expect(await run(prepare(built)).catch((error) => error)).toBeInstanceOf(ResultMismatch)
  })

  it('adds messages to conversations of that user only, under concurrent requests', async () => {
    const database = await openConnected(await freshDatabase(dialect))
    const messagesOf = createMessageStore(database)
    const conversationsOf = createConversationStore(database)
    const [own, foreign] = [await conversationsOf('alice').add(), await conversationsOf('bob').add()]
    const attempts = [own, foreign, own, foreign].map(({ id }, index) =>
      messagesOf('alice', id).add({ role: 'user', content: `${index}` }),
    )
    const added = await Promise.all(attempts)
    expect(added.map((message) => message?.content)).toEqual(['0', undefined, '2', undefined])
    const page = { limit: 10, after: undefined }
    expect((await messagesOf('alice', own.id).list(page))?.rows).toHaveLength(2)
    expect((await messagesOf('bob', foreign.id).list(page))?.rows).toEqual([])
  })
})

describe('a result of Postgres that is not as long as the server says', () => {
  /** A connection whose driver hands over these rows and reports that many. */
  const connectionWith = (rows: Record<string, unknown>[], count: number) => {
    let isClosed = false
    const result = { count, columns: [{}] }
    const forEach = async (onRow: (row: Record<string, unknown>) => void) => {
      for (const row of rows) onRow(row)
      return result
    }
    const client = {
      sql: { unsafe: () => ({ active: true, forEach, canceller: async () => {} }) },
      get isClosed() {
        return isClosed
      },
      onClose: () => {},
      close: () => {
        isClosed = true
      },
    }
    const ignore = () => {}
    const options = { prepare: true, depth: 1, onSettled: ignore, onLate: ignore }
    return createConnection(client as never, options)
  }
  const statement = prepareStatement(
    { _: { result: [] }, toSQL: () => ({ sql: 'select 1', params: [] }) },
    null,
  )
  const soon = () => performance.now() + 1000

  it.each([
    ['rows of another result before it', [{ id: 1 }, { id: 2 }], 1],
    ['a row that is missing', [{ id: 1 }], 2],
    ['no row at all', [], 1],
  ])('is refused, and its connection closed: %s', async (_, rows, count) => {
    const connection = connectionWith(rows, count)
    expect(await connection.send(statement, [], soon()).catch((error) => error)).toBeInstanceOf(
      ResultMismatch,
    )
    expect(connection.isClosed()).toBe(true)
  })

  it('is returned if it is as long', async () => {
    const connection = connectionWith([{ id: 1 }], 1)
    expect(await connection.send(statement, [], soon())).toEqual([{ id: 1 }])
    expect(connection.isClosed()).toBe(false)
  })
})
