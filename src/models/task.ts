import { Type } from '@sinclair/typebox'
import type { Dialect } from '../database/dialects/postgres'
import { pageOf } from '../schemas/page'
import { text, textOrNull } from '../schemas/text'
import { CreatedAt, Key, UpdatedAt, UserId } from './fields'

/** FR-003 and FR-006: the tasks of all users. */
export const defineTasks = (c: Dialect) =>
  c.table(
    'tasks',
    {
      id: c.id(),
      user_id: c.text().notNull(),
      title: c.text().notNull(),
      description: c.text(),
      completed: c.boolean().notNull().default(false),
      created_at: c.timestamp(),
      updated_at: c.timestamp().$onUpdate(() => c.now),
    },
    (t) => [
      c.index('tasks_user_id_idx').on(t.user_id),
      c.index('tasks_user_id_completed_idx').on(t.user_id, t.completed),
      ...c.pageIndexBeside('tasks_user_id_page_idx', t.id, t.user_id),
      ...c.pageIndexBeside('tasks_user_id_completed_page_idx', t.id, t.user_id, t.completed),
    ],
  )

const title = text({
  min: 1,
  max: 500,
  blank: false,
  description: 'What is to be done.',
  examples: ['Buy milk'],
})
const description = textOrNull({
  max: 10_000,
  description: 'More about it.',
  examples: ['Two litres'],
})
const completed = Type.Boolean({ description: 'Whether it is done.', examples: [false] })

export const Task = Type.Object(
  {
    id: Key,
    user_id: UserId,
    title,
    description,
    completed,
    created_at: CreatedAt,
    updated_at: UpdatedAt,
  },
  { $id: 'Task' },
)

export const NewTask = Type.Object(
  {
    title,
    description: Type.Optional(description),
    completed: Type.Optional(completed),
  },
  { $id: 'NewTask', additionalProperties: true },
)

export const TaskChange = Type.Partial(Type.Object({ title, description, completed }), {
  $id: 'TaskChange',
  additionalProperties: true,
})

export const TaskPage = pageOf(Task, 'TaskPage')
