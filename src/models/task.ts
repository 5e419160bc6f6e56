import { Type } from '@sinclair/typebox'
import { boolean, CreatedAt, Key, UpdatedAt, UserId } from '../schemas/fields'
import { PageQuery, pageOf } from '../schemas/page'
import { booleanParameter, queryOf } from '../schemas/parameters'
import { text, textOrNull } from '../schemas/text'
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
      created_at: c.createdAt(),
      updated_at: c.updatedAt(),
    },
    (t) => [
      ...c.pageIndexes('tasks_user_id', t.id, t.user_id),
      ...c.pageIndexes('tasks_user_id_completed', t.id, t.user_id, t.completed),
    ],
  )

/** What clients may send. */
const fields = {
  title: text({
    minLength: 1,
    maxLength: 500,
    pattern: '\\S',
    description: 'What is to be done.',
    examples: ['Buy milk'],
  }),
  description: textOrNull({ maxLength: 10_000, description: 'More about it.', examples: ['Two litres'] }),
  completed: boolean('Whether it is done.'),
}

export const Task = Type.Object(
  { id: Key, user_id: UserId, ...fields, created_at: CreatedAt, updated_at: UpdatedAt },
  { $id: 'Task' },
)

export const TaskChange = Type.Partial(Type.Object(fields), {
  $id: 'TaskChange',
  minProperties: 1,
  error: `must be an object with at least one of ${Object.keys(fields).join(', ')}`,
})

export const NewTask = Type.Object(
  { ...TaskChange.properties, title: fields.title },
  { $id: 'NewTask', error: 'must be an object' },
)

export const TaskPage = pageOf(Task, 'TaskPage')

export const TaskQuery = queryOf({
  ...PageQuery.properties,
  completed: Type.Optional(booleanParameter('Only tasks that are completed, or that are not.')),
})
