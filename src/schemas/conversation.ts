import { Type } from '@sinclair/typebox'
import { CreatedAt, Key, UpdatedAt, UserId } from './fields'
import { pageOf } from './page'

export const Conversation = Type.Object(
  { id: Key, user_id: UserId, created_at: CreatedAt, updated_at: UpdatedAt },
  { $id: 'Conversation' },
)

export const ConversationPage = pageOf(Conversation, 'ConversationPage')
