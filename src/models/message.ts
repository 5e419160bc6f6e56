import { sql } from 'drizzle-orm'
import type { Conversations } from './conversation'
import type { Dialect } from './dialects/postgres'

const roles = ['user', 'assistant'] as const

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
      created_at: c.timestamp().notNull().default(c.now),
    },
    (t) => [
      c.index('messages_user_id_idx').on(t.user_id),
      c.pageIndex('messages_conversation_id_user_id_page_idx', t.id, t.conversation_id, t.user_id),
      c.check(
        'messages_role_check',
        sql`${t.role} in (${sql.raw(roles.map((role) => `'${role}'`).join(', '))})`,
      ),
    ],
  )
