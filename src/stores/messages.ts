import { and, eq, sql } from 'drizzle-orm'
import { type Database, ForeignKeyViolation } from '../database'
import { Message } from '../models/message'
import type { PageRequest } from '../schemas/page'
import { preparePages } from './pages'
import { currentUser, forUser, prepareForUser } from './user-scope'

export interface NewMessage {
  role: 'user' | 'assistant'
  content: string
}

/** Statements on messages, rendered once; what it returns binds them to one user. */
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
  const own = prepare(
    query.select({ user_id: conversations.user_id }).from(conversations).where(conversation),
  )
  const add = prepare(
    insertAfter(
      query
        .update(conversations)
        .set({ updated_at: now })
        .where(conversation)
        .returning({ user_id: conversations.user_id }),
      messages,
      {
        user_id: currentUser,
        conversation_id,
        role: sql.placeholder('role'),
        content: sql.placeholder('content'),
      },
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
        const [exists] = await run(own, values)
        return exists ? found : undefined
      },
      /**
       * Adds a message and renews its conversation; undefined if that is not this user's. Whoever
       * follows a conversation by key misses no message: they become visible in the order of their ids.
       */
      async add(message: NewMessage) {
        try {
          const [added] = await run(add, { ...values, ...message })
          return added
        } catch (error) {
          // The conversation was deleted meanwhile.
          if (error instanceof ForeignKeyViolation) return undefined
          throw error
        }
      },
    }
  }
}
