import type { Static } from '@sinclair/typebox'
import { and, eq, sql } from 'drizzle-orm'
import { type Database, ForeignKeyViolation } from '../database'
import { Message, NewMessage } from '../schemas/message'
import type { PageRequest } from '../schemas/page'
import { columnsOf, fieldsOf, owner } from './columns'
import { currentUser, placeholdersFor, preparePerFields, prepareRows } from './rows'

/** Prepares the statements on messages; what it returns binds them to one user and one conversation. */
export const createMessageStore = (database: Database) => {
  const { conversations, messages } = database.models
  const { queryBuilder, now, clock, insertAfter } = database.dialect
  const query = queryBuilder()
  const rowsOf = prepareRows(database, {
    table: messages,
    row: Message,
    order: 'oldest first',
    filters: { conversation_id: [eq, messages.conversation_id] },
  })

  const conversation_id = sql.placeholder('conversation_id')
  const conversation = and(eq(conversations.id, conversation_id), eq(conversations.user_id, currentUser))
  const { user_id } = conversations
  const findConversation = database.prepare(
    query.select({ user_id }).from(conversations).where(conversation),
    owner,
  )
  const touch = query
    .update(conversations)
    .set({ updated_at: now })
    .where(conversation)
    .returning({ user_id })
  const add = preparePerFields(fieldsOf(messages, NewMessage), (given) => {
    // Messages that wait for each other have ascending times, as they have ascending ids.
    const values = { user_id: currentUser, conversation_id, ...placeholdersFor(given), created_at: clock }
    return database.prepare(insertAfter(touch, messages, values, columnsOf(messages, Message)), owner)
  })

  return (userId: string, conversationId: number) => {
    const { run, list } = rowsOf(userId)
    const values = { conversation_id: conversationId }

    return {
      /** A page of a conversation's messages, oldest first; undefined if the conversation is not this user's. */
      async list(request: PageRequest) {
        const found = await list(request, values)
        if (found.rows.length > 0) return found
        const [exists] = await run(findConversation, values)
        return exists ? found : undefined
      },

      /**
       * Adds a message and updates its conversation's time; undefined if that is not this user's. Messages
       * become visible in the order of their ids, so a client that follows a conversation misses none.
       */
      async add(message: Static<typeof NewMessage>): Promise<Static<typeof Message> | undefined> {
        try {
          return (await run(add(message), { ...message, ...values })).at(0) as
            | Static<typeof Message>
            | undefined
        } catch (error) {
          // A trigger, for example, deleted the conversation meanwhile.
          if (error instanceof ForeignKeyViolation) return undefined
          throw error
        }
      },
    }
  }
}
