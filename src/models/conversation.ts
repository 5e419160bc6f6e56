import { Type } from '@sinclair/typebox'
import type { Dialect } from '../database/dialects/postgres'
import { pageOf } from '../schemas/page'
import { CreatedAt, Key, UpdatedAt, UserId } from './fields'

/** FR-004 and FR-006: the conversations of all users with the assistant. */
export const defineConversations = (c: Dialect) =>
  c.table(
    'conversations',
    {
      id: c.id(),
      user_id: c.text().notNull(),
      created_at: c.timestamp(),
      updated_at: c.timestamp().$onUpdate(() => c.now),
    },
    (t) => [
      c.index('conversations_user_id_idx').on(t.user_id),
      ...c.pageIndexBeside('conversations_user_id_page_idx', t.id, t.user_id),
    ],
  )

export type Conversations = ReturnType<typeof defineConversations>

export const Conversation = Type.Object(
  { id: Key, user_id: UserId, created_at: CreatedAt, updated_at: UpdatedAt },
  { $id: 'Conversation' },
)

export const ConversationPage = pageOf(Conversation, 'ConversationPage')
