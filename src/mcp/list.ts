import { countWithin, type Rows, toPage } from '../schemas/page'
import { maxJsonBytesPerUnit } from '../schemas/text'
import { withoutNulls } from './results'
import { maxListedDescription, type TaskRow } from './schemas'

/** The maximum size of a list, in bytes of JSON: assistants refuse results of more than 25,000 tokens. */
const maxListBytes = 40_000

/** The maximum size of everything around the tasks, in bytes. */
const bytesOfFrame = 100
/** The maximum size of a task without its texts, in bytes. */
const bytesPerTask = 500

/** The first characters of a text; undefined if it has no more than those. */
const cut = (text: string, characters: number): string | undefined => {
  if (text.length <= characters) return undefined
  // A character has at most two UTF-16 units.
  const first = Array.from(text.slice(0, 2 * (characters + 1)))
  return first.length > characters ? first.slice(0, characters).join('') : undefined
}

const toListed = (task: TaskRow) => {
  const beginning = task.description === null ? undefined : cut(task.description, maxListedDescription)
  return beginning === undefined ? task : { ...task, description: beginning, description_truncated: true }
}

/** How many of the tasks a list has room for; at least one. */
const countOf = (tasks: readonly TaskRow[]): number => {
  const units = tasks.reduce(
    (sum, { title, description, user_id }) =>
      sum + title.length + user_id.length + (description?.length ?? 0),
    0,
  )
  // Measured only if it could matter, since measuring serializes the list once more.
  if (units * maxJsonBytesPerUnit + tasks.length * bytesPerTask <= maxListBytes) return tasks.length
  return countWithin(tasks, maxListBytes - bytesOfFrame)
}

/** A page of tasks as an assistant reads it: short, with a cursor if anything follows. */
export const toTaskList = ({ rows, hasMore }: Rows<TaskRow>) => {
  const listed = rows.map(toListed)
  const tasks = listed.slice(0, countOf(listed))
  const { next_cursor } = toPage({ rows: tasks, hasMore: hasMore || tasks.length < rows.length })
  return {
    tasks: tasks.map(withoutNulls),
    has_more: next_cursor !== null,
    ...(next_cursor !== null && { next_cursor }),
  }
}
