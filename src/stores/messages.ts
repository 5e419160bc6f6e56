import type { Static } from '@sinclair/typebox'
import { and, eq, sql } from 'drizzle-orm'
import { type Database, ForeignKeyViolation } from '../database'
import { Message, NewMessage } from '../schemas/message'
import type { PageRequest } from '../schemas/page'
import { columnsOf, fieldsOf, placeholdersFor, preparePerFields } from './columns'
import { preparePages } from './pages'
import { currentUser, forUser, prepareForUser } from './user-scope'

/** Prepares the statements on messages; what it returns binds them to one user and one conversation. */
export const createMessageStore = (database: Database) => {
  const { conversations, messages } = database.models
  const { queryBuilder, now, insertAfter } = database.dialect
  const query = queryBuilder()
  const prepare = prepareForUser(database)
  const conversation_id = sql.placeholder('conversation_id')
  const conversation = and(eq(conversations.id, conversation_id), eq(conversations.user_id, currentUser))

  const page = preparePages(database, {
    table: messages,
    schema: Message,
    order: 'oldest first',
    conditions: [eq(messages.conversation_id, conversation_id)],
  })
  const findConversation = prepare(
    query.select({ user_id: conversations.user_id }).from(conversations).where(conversation),
  )
  const touchConversation = query
    .update(conversations)
    .set({ updated_at: now })
    .where(conversation)
    .returning({ user_id: conversations.user_id })
  const add = preparePerFields(fieldsOf(messages, NewMessage), (given) =>
    prepare(
      insertAfter(
        touchConversation,
        messages,
        { user_id: currentUser, conversation_id, ...placeholdersFor(given) },
        columnsOf(messages, Message),
      ),
    ),
  )

  return (userId: string, conversationId: number) => {
    const run = forUser(userId, database.deadline())
    const values = { conversation_id: conversationId }

    return {
      /**
       * A page of a conversation's messages, oldest first; undefined if the conversation is not this
       * user's.
       */
      async list(request: PageRequest) {
        const found = await page(run, request, values)
        if (found.rows.length > 0) return found
        const [exists] = await run(findConversation, values)
        return exists ? found : undefined
      },
      /**
       * Adds a message and updates its conversation's time; undefined if that is not this user's. Messages
       * become visible in the order of their ids, so a client that follows a conversation misses none.
       */
      async add(message: Static<typeof NewMessage>) {
        try {
          return (await run(add(message), { ...message, ...values })).at(0)
        } catch (error) {
          // A trigger, for example, deleted the conversation meanwhile.
          if (error instanceof ForeignKeyViolation) return undefined
          throw error
        }
      },
    }
  }
}
