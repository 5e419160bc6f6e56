import { Database } from 'bun:sqlite'
import type { NewTask, Task } from '../floor/store'
import { type LimitStore, toCursor } from './store'

/** `completed` is 0 or 1 as it comes from SQLite; the user is known and not read. */
type Row = Omit<Task, 'completed' | 'user_id'> & { completed: boolean | 0 | 1; user_id?: string }

interface Write {
  userId: string
  task: NewTask
  resolve(task: Task): void
}

const columns = 'id, title, description, completed, created_at, updated_at'

export const openSQLite = (path: string): LimitStore => {
  const database = new Database(path)
  for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL', 'foreign_keys = ON'])
    database.run(`PRAGMA ${pragma}`)
  const ping = database.prepare('SELECT 1')
  const all = database.prepare<Row, [string, number]>(
    `SELECT ${columns} FROM tasks WHERE user_id = ? ORDER BY id DESC LIMIT ?`,
  )
  const some = database.prepare<Row, [string, boolean, number]>(
    `SELECT ${columns} FROM tasks WHERE user_id = ? AND completed = ? ORDER BY id DESC LIMIT ?`,
  )
  const insert = database.prepare<never, [string, string, string | null, boolean, string]>(
    `INSERT INTO tasks (user_id, title, description, completed, created_at, updated_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?5)`,
  )

  const insertTogether = database.transaction((writes: Write[]) => {
    const now = new Date().toISOString()
    return writes.map(({ userId, task: { title, description = null, completed = false } }): Task => {
      // What was written is known but for the id: RETURNING would only read it again.
      const id = Number(insert.run(userId, title, description, completed, now).lastInsertRowid)
      return { id, user_id: userId, title, description, completed, created_at: now, updated_at: now }
    })
  })
  let group: Write[] = []
  /** Commits what came in one turn of the event loop. */
  const commit = () => {
    const writes = group
    group = []
    for (const [index, task] of insertTogether(writes).entries()) writes[index]?.resolve(task)
  }

  return {
    ping() {
      ping.get()
      return undefined
    },
    list(userId, limit, completed) {
      const rows =
        completed === undefined ? all.all(userId, limit + 1) : some.all(userId, completed, limit + 1)
      const hasMore = rows.length > limit
      if (hasMore) rows.length = limit
      // In place: new objects would cost as much as reading another column.
      for (const row of rows) {
        row.completed = row.completed === 1
        row.user_id = userId
      }
      return Response.json({ data: rows, next_cursor: hasMore ? toCursor(rows[limit - 1]?.id ?? 0) : null })
    },
    add: (userId, task) =>
      new Promise((resolve) => {
        if (group.push({ userId, task, resolve }) === 1) setImmediate(commit)
      }),
  }
}
