import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type { Database } from '../database'
import type { PageRequest } from '../schemas/page'
import { beyondNewest, currentUser, only, scopeTo } from './scope'

/** Statements on conversations, rendered once; what it gives binds them to one user. */
export const createConversationStore = (database: Database) => {
  const { conversations } = database.models
  const query = database.dialect.queryBuilder()
  const key = database.dialect.pageKey(conversations.id)
  const mine = eq(conversations.user_id, currentUser)
  const one = and(eq(conversations.id, sql.placeholder('id')), mine)

  const page = database.prepare(
    query
      .select()
      .from(conversations)
      .where(and(mine, lt(key, sql.placeholder('after'))))
      .orderBy(desc(key))
      .limit(sql.placeholder('limit')),
  )
  const find = database.prepare(query.select().from(conversations).where(one))
  const add = database.prepare(query.insert(conversations).values({ user_id: currentUser }).returning())
  const remove = database.prepare(query.delete(conversations).where(one).returning({ id: conversations.id }))

  return (userId: string) => {
    const run = scopeTo(userId, database.deadline())

    return {
      /** The page of this user's conversations, newest first, with one row more where there are more. */
      list: ({ limit, after = beyondNewest }: PageRequest) => run(page, { limit: limit + 1, after }),
      async find(id: number) {
        const [conversation] = await run(find, { id })
        return conversation
      },
      async add() {
        return only(await run(add))
      },
      /** Removes a conversation with its messages; false where it is not this user's. */
      async remove(id: number) {
        const [conversation] = await run(remove, { id })
        return conversation !== undefined
      },
    }
  }
}
