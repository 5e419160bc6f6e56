import { Type } from '@sinclair/typebox'
import { booleanQuery } from './boolean-query'
import { CreatedAt, Key, UpdatedAt, UserId } from './fields'
import { PageQuery, pageOf } from './page'
import { text, textOrNull } from './text'

const title = text({
  nonEmpty: true,
  max: 500,
  nonBlank: true,
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

export const TaskQuery = Type.Object(
  {
    ...PageQuery.properties,
    completed: Type.Optional(booleanQuery('Only tasks that are completed, or that are not.')),
  },
  { additionalProperties: true },
)
