import { Type } from '@sinclair/typebox'
import { sql } from 'drizzle-orm'
import type { Dialect } from '../database/dialects/postgres'
import { followablePageOf } from '../schemas/page'
import { text } from '../schemas/text'
import type { Conversations } from './conversation'
import { CreatedAt, Key, UserId } from './fields'

/** FR-005 to FR-007: the messages of all conversations. */
export const defineMessages = (c: Dialect, conversations: Conversations) =>
  c.table(
    'messages',
    {
      id: c.id(),
      user_id: c.text().notNull(),
      conversation_id: c
        .reference()
        .notNull()
        .references(() => conversations.id, { onDelete: 'cascade' }),
      role: c.text({ enum: ['user', 'assistant'] }).notNull(),
      content: c.text().notNull(),
      created_at: c.timestamp(),
    },
    (t) => [
      c.index('messages_user_id_idx').on(t.user_id),
      c.pageIndex('messages_conversation_id_user_id_page_idx', t.id, t.conversation_id, t.user_id),
      c.check('messages_role_check', sql`${t.role} in ('user', 'assistant')`),
    ],
  )

const role = Type.Union([Type.Literal('user'), Type.Literal('assistant')], { description: 'Who speaks.' })
const content = text({
  min: 1,
  max: 100_000,
  description: 'What is said.',
  examples: ['Add milk to my list, please.'],
})

export const Message = Type.Object(
  { id: Key, user_id: UserId, conversation_id: Key, role, content, created_at: CreatedAt },
  { $id: 'Message' },
)

export const NewMessage = Type.Object({ role, content }, { $id: 'NewMessage', additionalProperties: true })

export const MessagePage = followablePageOf(Message, 'MessagePage')
