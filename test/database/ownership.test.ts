import { describe, expect, it } from 'bun:test'
import { and, eq, or, sql } from 'drizzle-orm'
import { type Database, ResultMismatch } from '../../src/database'
import { type Connection, createConnection } from '../../src/database/postgres/connection'
import { plainStatement, type Row } from '../../src/database/statement'
import type { BuiltQuery } from '../../src/models/dialects/query'
import { owner } from '../../src/stores/columns'
import { createConversationStore } from '../../src/stores/conversations'
import { createMessageStore } from '../../src/stores/messages'
import { currentUser, type Statement } from '../../src/stores/rows'
import { dialects, freshDatabase, openConnected } from '../support/databases'

const prepareForUser =
  (database: Database) =>
  <Q extends BuiltQuery>(query: Q) =>
    database.prepare(query, owner)

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
  const run = <R>(statement: Statement<R>) => statement({ user_id: 'alice' }, database.deadline())
  return { tasks, run }
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
  /** Sends a statement over a connection whose driver hands over these rows and reports that many. */
  const send = async (rows: Row[], count: number) => {
    let isClosed = false
    const forEach = async (onRow: (row: Row) => void) => {
      for (const row of rows) onRow(row)
      return { count, columns: [{}] }
    }
    const client = {
      sql: () => ({ forEach }),
      isClosed: () => isClosed,
      onClose: () => {},
      close: () => {
        isClosed = true
      },
    }
    const result = await new Promise((resolve) => {
      const events = {
        onDone: (_: unknown, found: Row[]) => resolve(found),
        onFailed: (_: unknown, error: unknown) => resolve(error),
      }
      const connection: Connection = createConnection(client as never, 0, events as never)
      connection.send({ statement: plainStatement('select 1'), values: {}, parameters: [] } as never)
    })
    return { result, isClosed }
  }

  it.each([
    ['rows of another result before it', [{ id: 1 }, { id: 2 }], 1],
    ['a row that is missing', [{ id: 1 }], 2],
    ['no row at all', [], 1],
  ])('is refused, and its connection closed: %s', async (_, rows, count) => {
    const { result, isClosed } = await send(rows, count)
    expect(result).toBeInstanceOf(ResultMismatch)
    expect(isClosed).toBe(true)
  })

  it('is returned if it is as long', async () => {
    const { result, isClosed } = await send([{ id: 1 }], 1)
    expect(result).toEqual([{ id: 1 }])
    expect(isClosed).toBe(false)
  })
})
