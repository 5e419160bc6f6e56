import type { Static } from '@sinclair/typebox'
import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '../database'
import { NotFound } from '../errors'
import { NewTask, Task, TaskChange, type TaskQuery } from '../schemas/task'
import { columnsOf, fieldsOf, placeholdersFor, preparePerFields } from './columns'
import { preparePages } from './pages'
import { currentUser, forUser, prepareForUser, singleRow } from './user-scope'

export const taskNotFound = () => new NotFound('This task')

/** Prepares the statements on tasks; what it returns binds them to one user. */
export const createTaskStore = (database: Database) => {
  const { tasks } = database.models
  const query = database.dialect.queryBuilder()
  const prepare = prepareForUser(database)
  const columns = columnsOf(tasks, Task)
  const one = and(eq(tasks.id, sql.placeholder('id')), eq(tasks.user_id, currentUser))
  const pages = { table: tasks, schema: Task, order: 'newest first' } as const

  const all = preparePages(database, pages)
  const byCompleted = preparePages(database, {
    ...pages,
    conditions: [eq(tasks.completed, sql.placeholder('completed'))],
  })
  const find = prepare(query.select(columns).from(tasks).where(one))
  const add = preparePerFields(fieldsOf(tasks, NewTask), (given) =>
    prepare(
      query
        .insert(tasks)
        .values({ user_id: currentUser, ...placeholdersFor<typeof NewTask>(given) })
        .returning(columns),
    ),
  )
  const change = preparePerFields(fieldsOf(tasks, TaskChange), (given) =>
    prepare(query.update(tasks).set(placeholdersFor(given)).where(one).returning(columns)),
  )
  const remove = prepare(query.delete(tasks).where(one).returning(columns))

  return (userId: string) => {
    const run = forUser(userId, database.deadline())

    return {
      /** A page of this user's tasks, newest first. */
      list: ({ completed, ...page }: Static<typeof TaskQuery>) =>
        completed === undefined ? all(run, page) : byCompleted(run, page, { completed }),

      /** A task; undefined if it does not exist or is not this user's. */
      find: async (id: number) => (await run(find, { id })).at(0),

      add: async (task: Static<typeof NewTask>) => singleRow(await run(add(task), task)),

      /** Changes the fields that are given; undefined if the task is not this user's. */
      change: async (id: number, fields: Static<typeof TaskChange>) =>
        (await run(change(fields), { ...fields, id })).at(0),

      /** Deletes a task and returns it; undefined if it is not this user's. */
      remove: async (id: number) => (await run(remove, { id })).at(0),
    }
  }
}
