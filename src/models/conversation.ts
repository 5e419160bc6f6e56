import { Type } from '@sinclair/typebox'
import { CreatedAt, Key, UpdatedAt, UserId } from '../schemas/fields'
import { pageOf } from '../schemas/page'
import type { Dialect } from './dialects/postgres'

/** The conversations of all users with the assistant. */
export const defineConversations = (c: Dialect) =>
  c.table(
    'conversations',
    {
      id: c.id(),
      user_id: c.text().notNull(),
      created_at: c.createdAt(),
      updated_at: c.updatedAt(),
    },
    (t) => c.pageIndexes('conversations_user_id', t.id, t.user_id),
  )

export type Conversations = ReturnType<typeof defineConversations>

export const Conversation = Type.Object(
  { id: Key, user_id: UserId, created_at: CreatedAt, updated_at: UpdatedAt },
  { $id: 'Conversation' },
)

export const ConversationPage = pageOf(Conversation, 'ConversationPage')
