import { Database } from 'bun:sqlite'
import type { Store, Task } from './store'

type Row = Omit<Task, 'completed'> & { completed: 0 | 1 }

const toTask = (row: Row): Task => ({ ...row, completed: row.completed === 1 })

export const openSQLite = (path: string): Store => {
  const database = new Database(path)
  for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL', 'foreign_keys = ON'])
    database.run(`PRAGMA ${pragma}`)
  const ping = database.prepare('SELECT 1')
  const all = database.prepare<Row, [string, number]>(
    'SELECT * FROM tasks WHERE user_id = ? ORDER BY id DESC LIMIT ?',
  )
  const some = database.prepare<Row, [string, boolean, number]>(
    'SELECT * FROM tasks WHERE user_id = ? AND completed = ? ORDER BY id DESC LIMIT ?',
  )
  const insert = database.prepare<Row, [string, string, string | null, boolean]>(
    'INSERT INTO tasks (user_id, title, description, completed) VALUES (?, ?, ?, ?) RETURNING *',
  )

  return {
    ping: () => ping.get(),
    list: (userId, limit, completed) =>
      (completed === undefined ? all.all(userId, limit) : some.all(userId, completed, limit)).map(toTask),
    add(userId, { title, description = null, completed = false }) {
      const row = insert.get(userId, title, description, completed)
      return row ? toTask(row) : undefined
    },
  }
}
