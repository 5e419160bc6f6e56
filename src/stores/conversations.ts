import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '../database'
import { Conversation } from '../models/conversation'
import type { PageRequest } from '../schemas/page'
import { preparePages } from './pages'
import { currentUser, forUser, prepareForUser, singleRow } from './user-scope'

/** Statements on conversations, rendered once; what it gives binds them to one user. */
export const createConversationStore = (database: Database) => {
  const { conversations } = database.models
  const query = database.dialect.queryBuilder()
  const prepare = prepareForUser(database)
  const one = and(eq(conversations.id, sql.placeholder('id')), eq(conversations.user_id, currentUser))

  const page = preparePages(database, { table: conversations, schema: Conversation, order: 'newest first' })
  const find = prepare(query.select().from(conversations).where(one))
  const add = prepare(query.insert(conversations).values({ user_id: currentUser }).returning())
  const remove = prepare(query.delete(conversations).where(one).returning({ user_id: conversations.user_id }))

  return (userId: string) => {
    const run = forUser(userId, database.deadline())

    return {
      /** A page of this user's conversations, newest first. */
      list: (request: PageRequest) => page(run, request),
      async find(id: number) {
        const [conversation] = await run(find, { id })
        return conversation
      },
      async add() {
        return singleRow(await run(add))
      },
      /** Removes a conversation with its messages; false where it is not this user's. */
      async remove(id: number) {
        const [conversation] = await run(remove, { id })
        return conversation !== undefined
      },
    }
  }
}
