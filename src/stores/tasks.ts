import { eq } from 'drizzle-orm'
import type { Database } from '../database'
import { NotFound } from '../errors'
import { NewTask, Task, TaskChange } from '../models/task'
import { prepareRows } from './rows'

export const taskNotFound = () => new NotFound('This task')

/** Prepares the statements on tasks; what it returns binds them to one user. */
export const createTaskStore = (database: Database) => {
  const { tasks } = database.models
  const rowsOf = prepareRows(database, {
    table: tasks,
    row: Task,
    newRow: NewTask,
    change: TaskChange,
    order: 'newest first',
    filters: { completed: [eq, tasks.completed] },
  })

  return (userId: string) => {
    const { list, find, add, change, remove } = rowsOf(userId)
    return { list, find, add, change, remove }
  }
}
