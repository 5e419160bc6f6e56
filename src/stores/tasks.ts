import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '../database'
import { Task } from '../models/task'
import type { PageRequest } from '../schemas/page'
import { preparePages } from './pages'
import { currentUser, forUser, prepareForUser, singleRow } from './user-scope'

export interface NewTask {
  title: string
  description?: string | null
  completed?: boolean
}

/** Statements on tasks, rendered once; what it gives binds them to one user. */
export const createTaskStore = (database: Database) => {
  const { tasks } = database.models
  const query = database.dialect.queryBuilder()
  const prepare = prepareForUser(database)
  const one = and(eq(tasks.id, sql.placeholder('id')), eq(tasks.user_id, currentUser))
  const pages = { table: tasks, schema: Task, order: 'newest first' } as const

  const all = preparePages(database, pages)
  const byCompleted = preparePages(database, {
    ...pages,
    conditions: [eq(tasks.completed, sql.placeholder('completed'))],
  })
  const find = prepare(query.select().from(tasks).where(one))
  const add = prepare(
    query
      .insert(tasks)
      .values({
        user_id: currentUser,
        title: sql.placeholder('title'),
        description: sql.placeholder('description'),
        completed: sql.placeholder('completed'),
      })
      .returning(),
  )
  const remove = prepare(query.delete(tasks).where(one).returning({ user_id: tasks.user_id }))

  /** One statement for each set of fields that a change may have. */
  const changes = new Map<string, ReturnType<typeof prepareChange>>()
  const prepareChange = (fields: string[]) =>
    prepare(
      query
        .update(tasks)
        .set(Object.fromEntries(fields.map((name) => [name, sql.placeholder(`new_${name}`)])))
        .where(one)
        .returning(),
    )

  return (userId: string) => {
    const run = forUser(userId, database.deadline())

    return {
      /** A page of this user's tasks, newest first. */
      list: (page: PageRequest, completed?: boolean) =>
        completed === undefined ? all(run, page) : byCompleted(run, page, { completed }),
      async find(id: number) {
        const [task] = await run(find, { id })
        return task
      },
      async add({ title, description = null, completed = false }: NewTask) {
        return singleRow(await run(add, { title, description, completed }))
      },
      /** Changes the fields that are given; nothing where the task is not this user's. */
      async change(id: number, change: Partial<NewTask>) {
        const fields = (['title', 'description', 'completed'] as const).filter((name) => name in change)
        const key = fields.join()
        const statement = changes.get(key) ?? prepareChange(fields)
        changes.set(key, statement)
        const values = Object.fromEntries(fields.map((name) => [`new_${name}`, change[name]]))
        const [task] = await run(statement, { id, ...values })
        return task
      },
      async remove(id: number) {
        const [task] = await run(remove, { id })
        return task !== undefined
      },
    }
  }
}
