import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { TypeSystem } from '@sinclair/typebox/system'
import { NewTask, Task, TaskChange } from '../models/task'
import { oneOf } from '../schemas/fields'
import { PageQuery } from '../schemas/page'

const describe = <T extends TSchema>(schema: T, description: string, options = {}): T => ({
  ...schema,
  description,
  ...options,
})

const statuses = ['all', 'pending', 'completed'] as const

/** How many tasks a list has by default. */
export const defaultListLimit = 20
/** How many characters of a description a list shows. */
export const maxListedDescription = 200

const Id = TypeSystem.Type<number>(
  'ToolId',
  (_, value) => typeof value === 'number' && /^-?\d+$/.test(String(value)),
)

// An integer that no row can have is valid and not found, as in the API.
const task_id = Type.Transform(
  Id({
    type: 'integer',
    minimum: 1,
    description: 'The id of a task, as list_tasks returns it.',
    error: 'must be an integer',
  }),
)
  .Decode((id) => (Number.isSafeInteger(id) ? id : 0))
  .Encode((id) => id)

const { minimum, maximum, error } = PageQuery.properties.limit

export const ListArguments = Type.Object(
  {
    status: Type.Optional(
      describe(oneOf(statuses, 'Which tasks to list.'), 'Which tasks to list.', { default: 'all' }),
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum,
        maximum,
        error,
        default: defaultListLimit,
        description: 'The maximum number of tasks.',
      }),
    ),
    cursor: Type.Optional(
      describe(PageQuery.properties.cursor, 'The next_cursor of the list before, to continue it.'),
    ),
  },
  { additionalProperties: true },
)

export const TaskArguments = Type.Object({ task_id }, { additionalProperties: true })

export const AddArguments = Type.Object(
  { title: NewTask.properties.title, description: NewTask.properties.description },
  { additionalProperties: true },
)

export const CompleteArguments = Type.Object(
  {
    task_id,
    completed: Type.Optional(
      describe(TaskChange.properties.completed, 'true marks the task as completed, false as pending again.', {
        default: true,
      }),
    ),
  },
  { additionalProperties: true },
)

/** What update_task changes; what is not given stays as it is. */
export const UpdateFields = Type.Object({
  title: describe(TaskChange.properties.title, 'The new title, if it changes.'),
  description: describe(
    TaskChange.properties.description,
    'The new description, if it changes: it replaces the whole old one, and an empty text leaves none.',
  ),
})

export const UpdateArguments = Type.Object(
  { task_id, ...UpdateFields.properties },
  { additionalProperties: true },
)

/** A task as tools return it. */
export const FoundTask = Type.Object({
  ...Task.properties,
  id: describe(Task.properties.id, 'The id of the task: the task_id of the other tools.'),
})

const ListedTask = Type.Object({
  ...FoundTask.properties,
  description: describe(
    Task.properties.description,
    `More about it; only the first ${maxListedDescription} characters if description_truncated is true.`,
  ),
  description_truncated: Type.Optional(
    Type.Boolean({ description: 'Whether the description is longer: get_task returns all of it.' }),
  ),
})

export const TaskList = Type.Object({
  tasks: Type.Array(ListedTask),
  has_more: Type.Boolean({ description: 'Whether more tasks follow.' }),
  next_cursor: Type.Optional(
    Type.String({ description: 'The cursor for the next list_tasks; only if has_more is true.' }),
  ),
})

export const DeletedTask = Type.Object({
  task_id: describe(Task.properties.id, 'The id that the task had.'),
  title: Task.properties.title,
  deleted: Type.Boolean({ description: 'Always true.' }),
})

export type TaskRow = Static<typeof Task>
