import type { Dialect } from './dialects/postgres'

/** The conversations of all users with the assistant. */
export const defineConversations = (c: Dialect) =>
  c.table(
    'conversations',
    {
      id: c.id(),
      user_id: c.text().notNull(),
      created_at: c.timestamp().notNull().default(c.now),
      updated_at: c
        .timestamp()
        .notNull()
        .default(c.now)
        .$onUpdate(() => c.now),
    },
    (t) => [
      c.index('conversations_user_id_idx').on(t.user_id),
      ...c.pageIndexBeside('conversations_user_id_page_idx', t.id, t.user_id),
    ],
  )

export type Conversations = ReturnType<typeof defineConversations>
