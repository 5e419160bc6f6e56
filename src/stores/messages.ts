import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { type Database, ForeignKeyViolation } from '../database'
import type { PageRequest } from '../schemas/page'
import { currentUser, only, scopeTo } from './scope'

export interface NewMessage {
  role: 'user' | 'assistant'
  content: string
}

/** Statements on messages, rendered once; what it gives binds them to one user. */
export const createMessageStore = (database: Database) => {
  const { conversations, messages } = database.models
  const { queryBuilder, now, pageKey } = database.dialect
  const query = queryBuilder()
  const key = pageKey(messages.id)
  const conversation_id = sql.placeholder('conversation_id')
  const conversation = and(eq(conversations.id, conversation_id), eq(conversations.user_id, currentUser))

  const page = database.prepare(
    query
      .select()
      .from(messages)
      .where(
        and(
          eq(messages.conversation_id, conversation_id),
          eq(messages.user_id, currentUser),
          gt(key, sql.placeholder('after')),
        ),
      )
      .orderBy(asc(key))
      .limit(sql.placeholder('limit')),
  )
  const own = database.prepare(query.select({ id: conversations.id }).from(conversations).where(conversation))
  const touch = database.prepare(
    query
      .update(conversations)
      .set({ updated_at: now })
      .where(conversation)
      .returning({ id: conversations.id }),
  )
  const add = database.prepare(
    query
      .insert(messages)
      .values({
        user_id: currentUser,
        conversation_id,
        role: sql.placeholder('role'),
        content: sql.placeholder('content'),
      })
      .returning(),
  )

  return (userId: string, conversationId: number) => {
    const scoped = scopeTo(userId, database.deadline())
    const run: typeof scoped = (statement, values) =>
      scoped(statement, { ...values, conversation_id: conversationId })

    return {
      /**
       * The page of a conversation's messages, oldest first, with one row more where there are more;
       * nothing where the conversation is not this user's.
       */
      async list({ limit, after = 0 }: PageRequest) {
        const rows = await run(page, { limit: limit + 1, after })
        if (rows.length > 0) return rows
        const [exists] = await run(own)
        return exists ? rows : undefined
      },
      /**
       * Adds a message and renews its conversation; nothing where that is not this user's. The
       * renewal comes first, since it proves ownership and is harmless where the rest fails.
       */
      async add(message: NewMessage) {
        const [renewed] = await run(touch)
        if (!renewed) return undefined
        try {
          return only(await run(add, { ...message }))
        } catch (error) {
          // The conversation was removed between the two statements.
          if (error instanceof ForeignKeyViolation) return undefined
          throw error
        }
      },
    }
  }
}
