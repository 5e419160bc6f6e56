import { type Static, Type } from '@sinclair/typebox'
import { sql } from 'drizzle-orm'
import { CreatedAt, Key, oneOf, UserId } from '../schemas/fields'
import { type PageRequest, pageOf, pageParameters, type Rows, toCursor, toPage } from '../schemas/page'
import { queryOf } from '../schemas/parameters'
import { text } from '../schemas/text'
import type { Conversations } from './conversation'
import type { Dialect } from './dialects/postgres'

const roles = ['user', 'assistant'] as const
const quotedRoles = roles.map((role) => `'${role}'`).join(', ')

/** The messages of all conversations. */
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
      role: c.text({ enum: roles }).notNull(),
      content: c.text().notNull(),
      created_at: c.createdAt(),
    },
    (t) => [
      c.index('messages_user_id_idx').on(t.user_id),
      c.pageIndex('messages_conversation_id_user_id_page_idx', t.id, t.conversation_id, t.user_id),
      c.check('messages_role_check', sql`${t.role} in (${sql.raw(quotedRoles)})`),
    ],
  )

/** What clients may send. */
const fields = {
  role: oneOf(roles, 'Who speaks.'),
  content: text({
    minLength: 1,
    maxLength: 100_000,
    description: 'What is said.',
    examples: ['Add milk to my list, please.'],
  }),
}

export const Message = Type.Object(
  { id: Key, user_id: UserId, conversation_id: Key, ...fields, created_at: CreatedAt },
  { $id: 'Message' },
)

export const NewMessage = Type.Object(fields, { $id: 'NewMessage', error: 'must be an object' })

export const MessagePage = pageOf(Message, 'MessagePage', {
  last_cursor: Type.String({
    description: 'The position after this page. Pass it later as `cursor` to get the messages added since.',
  }),
})

/** Clients follow this list, so the position before the first message is a cursor, too. */
export const MessageQuery = queryOf(pageParameters('position', 'next_cursor or last_cursor'))

/** A page with the position after its last message, or the requested position if it is empty. */
export const toMessagePage = (found: Rows<Static<typeof Message>>, { cursor }: PageRequest) => {
  const last = found.rows.at(-1)
  return { ...toPage(found), last_cursor: last ? toCursor(last.id) : (cursor ?? toCursor(0)) }
}
