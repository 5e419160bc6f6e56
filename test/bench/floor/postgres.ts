import postgres from 'postgres'
import type { Store, Task } from './store'

/** `2026-02-14 09:30:00.5+00`, as Postgres writes it, to `2026-02-14T09:30:00.500Z`. */
const toIsoTime = (text: string) =>
  `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(3, '0')}Z`

/** postgres.js as its documentation shows it: prepared statements, pipelined over ten connections. */
export const openPostgres = (url: string): Store => {
  const sql = postgres(url, {
    max: 10,
    connection: { TimeZone: 'UTC' },
    types: {
      int8: { to: 20, from: [20], parse: Number, serialize: String },
      timestamptz: { to: 1184, from: [1184], parse: toIsoTime, serialize: String },
    },
  })

  return {
    ping: () => sql`SELECT 1`,
    list: (userId, limit, completed) =>
      completed === undefined
        ? sql<Task[]>`SELECT * FROM tasks WHERE user_id = ${userId} ORDER BY id DESC LIMIT ${limit}`
        : sql<Task[]>`
            SELECT * FROM tasks WHERE user_id = ${userId} AND completed = ${completed}
            ORDER BY id DESC LIMIT ${limit}`,
    async add(userId, { title, description = null, completed = false }) {
      const [task] = await sql<Task[]>`
        INSERT INTO tasks (user_id, title, description, completed)
        VALUES (${userId}, ${title}, ${description}, ${completed}) RETURNING *`
      return task
    },
  }
}
