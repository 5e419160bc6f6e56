import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '../database'
import { NotFound } from '../errors'
import { Conversation } from '../schemas/conversation'
import type { PageRequest } from '../schemas/page'
import { columnsOf } from './columns'
import { preparePages } from './pages'
import { currentUser, forUser, prepareForUser, singleRow } from './user-scope'

export const conversationNotFound = () => new NotFound('This conversation')

/** Prepares the statements on conversations; what it returns binds them to one user. */
export const createConversationStore = (database: Database) => {
  const { conversations } = database.models
  const query = database.dialect.queryBuilder()
  const prepare = prepareForUser(database)
  const columns = columnsOf(conversations, Conversation)
  const one = and(eq(conversations.id, sql.placeholder('id')), eq(conversations.user_id, currentUser))

  const page = preparePages(database, { table: conversations, schema: Conversation, order: 'newest first' })
  const find = prepare(query.select(columns).from(conversations).where(one))
  const add = prepare(query.insert(conversations).values({ user_id: currentUser }).returning(columns))
  const remove = prepare(query.delete(conversations).where(one).returning(columns))

  return (userId: string) => {
    const run = forUser(userId, database.deadline())

    return {
      /** A page of this user's conversations, newest first. */
      list: (request: PageRequest) => page(run, request),

      /** A conversation; undefined if it does not exist or is not this user's. */
      find: async (id: number) => (await run(find, { id })).at(0),

      add: async () => singleRow(await run(add)),

      /** Deletes a conversation with its messages, and returns it; undefined if it is not this user's. */
      remove: async (id: number) => (await run(remove, { id })).at(0),
    }
  }
}
