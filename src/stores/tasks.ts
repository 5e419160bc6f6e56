import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type { Database } from '../database'
import type { PageRequest } from '../schemas/page'
import { beyondNewest, currentUser, only, scopeTo } from './scope'

export interface NewTask {
  title: string
  description?: string | null
  completed?: boolean
}

/** Statements on tasks, rendered once; what it gives binds them to one user. */
export const createTaskStore = (database: Database) => {
  const { tasks } = database.models
  const query = database.dialect.queryBuilder()
  const key = database.dialect.pageKey(tasks.id)
  const mine = eq(tasks.user_id, currentUser)
  const one = and(eq(tasks.id, sql.placeholder('id')), mine)
  const page = (...conditions: Parameters<typeof and>) =>
    database.prepare(
      query
        .select()
        .from(tasks)
        .where(and(mine, ...conditions, lt(key, sql.placeholder('after'))))
        .orderBy(desc(key))
        .limit(sql.placeholder('limit')),
    )

  const all = page()
  const byCompleted = page(eq(tasks.completed, sql.placeholder('completed')))
  const find = database.prepare(query.select().from(tasks).where(one))
  const add = database.prepare(
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
  const remove = database.prepare(query.delete(tasks).where(one).returning({ id: tasks.id }))

  /** One statement for each set of fields that a change may have. */
  const changes = new Map<string, ReturnType<typeof prepareChange>>()
  const prepareChange = (fields: string[]) =>
    database.prepare(
      query
        .update(tasks)
        .set(Object.fromEntries(fields.map((name) => [name, sql.placeholder(`new_${name}`)])))
        .where(one)
        .returning(),
    )

  return (userId: string) => {
    const run = scopeTo(userId, database.deadline())

    return {
      /** The page of this user's tasks, newest first, with one row more where there are more. */
      list({ limit, after = beyondNewest }: PageRequest, completed?: boolean) {
        const values = { limit: limit + 1, after }
        return completed === undefined ? run(all, values) : run(byCompleted, { ...values, completed })
      },
      async find(id: number) {
        const [task] = await run(find, { id })
        return task
      },
      async add({ title, description = null, completed = false }: NewTask) {
        return only(await run(add, { title, description, completed }))
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
