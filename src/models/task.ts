import type { Dialect } from './dialects/postgres'

/** The tasks of all users. */
export const defineTasks = (c: Dialect) =>
  c.table(
    'tasks',
    {
      id: c.id(),
      user_id: c.text().notNull(),
      title: c.text().notNull(),
      description: c.text(),
      completed: c.boolean().notNull().default(false),
      created_at: c.timestamp().notNull().default(c.now),
      updated_at: c
        .timestamp()
        .notNull()
        .default(c.now)
        .$onUpdate(() => c.now),
    },
    (t) => [
      c.index('tasks_user_id_idx').on(t.user_id),
      c.index('tasks_user_id_completed_idx').on(t.user_id, t.completed),
      ...c.pageIndexBeside('tasks_user_id_page_idx', t.id, t.user_id),
      ...c.pageIndexBeside('tasks_user_id_completed_page_idx', t.id, t.user_id, t.completed),
    ],
  )
