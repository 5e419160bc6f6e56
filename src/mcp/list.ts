import { toPage } from '../schemas/page'
import { withoutNulls } from './results'
import { maxListedDescription, type TaskRow } from './schemas'

/** A list ends after about so many bytes of JSON: assistants refuse results of more than 25,000 tokens. */
const maxListBytes = 40_000

/** The first characters of a text; undefined if it has no more than those. */
const cut = (text: string, characters: number): string | undefined => {
  if (text.length <= characters) return undefined
  // A character has at most two UTF-16 units.
  const first = Array.from(text.slice(0, 2 * (characters + 1)))
  return first.length > characters ? first.slice(0, characters).join('') : undefined
}

const toListed = (task: TaskRow) => {
  const beginning = task.description === null ? undefined : cut(task.description, maxListedDescription)
  return withoutNulls(
    beginning === undefined ? task : { ...task, description: beginning, description_truncated: true },
  )
}

/** A page of tasks as an assistant reads it: short, with a cursor if anything follows. */
export const toTaskList = ({ rows, hasMore }: { rows: TaskRow[]; hasMore: boolean }) => {
  const listed = rows.map(toListed)
  let bytes = 0
  const end = listed.findIndex((task, index) => {
    bytes += Buffer.byteLength(JSON.stringify(task))
    return index > 0 && bytes > maxListBytes
  })
  const isCut = end >= 0
  const page = toPage({ rows: isCut ? rows.slice(0, end) : rows, hasMore: hasMore || isCut })
  return {
    tasks: isCut ? listed.slice(0, end) : listed,
    has_more: page.next_cursor !== null,
    ...(page.next_cursor !== null && { next_cursor: page.next_cursor }),
  }
}
