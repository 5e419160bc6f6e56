import type { Static } from '@sinclair/typebox'
import { and, eq, sql } from 'drizzle-orm'
import { type Database, ForeignKeyViolation } from '../database'
import { Message, NewMessage } from '../models/message'
import type { PageRequest } from '../schemas/page'
import { columnsOf, type FieldsOf, owner } from './columns'
import { createConversationStore } from './conversations'
import { currentUser, preparePerFields, prepareRows, type Statement } from './rows'

/** Prepares the statements on messages; what it returns binds them to one user and one conversation. */
export const createMessageStore = (database: Database) => {
  const { conversations, messages } = database.models
  const { queryBuilder, now, clock, insertAfter } = database.dialect
  const conversationsOf = createConversationStore(database)
  const rowsOf = prepareRows(database, {
    table: messages,
    row: Message,
    order: 'oldest first',
    filters: { conversation_id: [eq, messages.conversation_id] },
  })

  const conversation_id = sql.placeholder('conversation_id')
  const touch = queryBuilder()
    .update(conversations)
    .set({ updated_at: now })
    .where(and(eq(conversations.id, conversation_id), eq(conversations.user_id, currentUser)))
    .returning({ user_id: conversations.user_id })
  const fields: FieldsOf<typeof messages, typeof NewMessage> = NewMessage
  const columns = columnsOf(messages, Message)
  const add = preparePerFields(columnsOf(messages, fields), (given): Statement<Static<typeof Message>> => {
    // Messages that wait for each other have ascending times, as they have ascending ids.
    const values = { user_id: currentUser, conversation_id, ...given, created_at: clock }
    return database.prepare(insertAfter(touch, messages, values, columns), owner)
  })

  return (userId: string, conversationId: number) => {
    const { first, list } = rowsOf(userId)
    const { find } = conversationsOf(userId)
    const values = { conversation_id: conversationId }

    return {
      /** A page of a conversation's messages, oldest first; undefined if the conversation is not this user's. */
      async list(request: PageRequest) {
        const found = await list({ ...request, ...values })
        return found.rows.length > 0 || (await find(conversationId)) ? found : undefined
      },

      /**
       * Adds a message and updates its conversation's time; undefined if that is not this user's. Messages
       * become visible in the order of their ids, so a client that follows a conversation misses none.
       */
      async add(message: Static<typeof NewMessage>) {
        try {
          return await first(add(message), { ...message, ...values })
        } catch (error) {
          // A trigger, for example, deleted the conversation meanwhile.
          if (error instanceof ForeignKeyViolation) return undefined
          throw error
        }
      },
    }
  }
}
