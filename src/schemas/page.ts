import { type TSchema, Type } from '@sinclair/typebox'
import { integer } from './id'
import { refine } from './refine'

const minLimit = 1
const maxLimit = 100
export const defaultLimit = 50

/** The cursor of the position after the row with this id. */
export const toCursor = (id: number) => Buffer.from(String(id)).toString('base64url')

/** The id of the last row before a cursor; undefined if it is not one that this service issued. */
export const fromCursor = (cursor: string): number | undefined => {
  const id = Number(Buffer.from(cursor, 'base64url').toString())
  return Number.isSafeInteger(id) && id >= 0 && toCursor(id) === cursor ? id : undefined
}

const Limit = refine<number>(
  {
    type: 'integer',
    minimum: minLimit,
    maximum: maxLimit,
    description: `The maximum number of rows; ${defaultLimit} by default.`,
  },
  (value) => {
    const count = typeof value === 'string' && integer.test(value) ? Number(value) : Number.NaN
    return count >= minLimit && count <= maxLimit
      ? undefined
      : `must be an integer from ${minLimit} to ${maxLimit}`
  },
  Number,
)

const pageQuery = (firstId: number, names: string) =>
  Type.Object(
    {
      limit: Type.Optional(Limit),
      cursor: Type.Optional(
        refine<string>({ type: 'string', description: `The ${names} of a page.` }, (value) => {
          const id = typeof value === 'string' ? fromCursor(value) : undefined
          return id === undefined || id < firstId ? `must be the ${names} of a page` : undefined
        }),
      ),
    },
    { additionalProperties: true },
  )

export const PageQuery = pageQuery(1, 'next_cursor')

/** The query of a list that clients follow, in which the position before the first row is also valid. */
export const FollowablePageQuery = pageQuery(0, 'next_cursor or last_cursor')

/** The requested part of a list. The cursor stays a string, since clients pass it back as they got it. */
export interface PageRequest {
  limit?: number
  cursor?: string
}

const next_cursor = Type.Union([Type.String(), Type.Null()])

export const pageOf = <T extends TSchema>(row: T, $id: string) =>
  Type.Object(
    { data: Type.Array(row), next_cursor },
    { $id, description: 'One page of a list. `next_cursor` is null on the last page.' },
  )

/** A page of a list that new rows are appended to. */
export const followablePageOf = <T extends TSchema>(row: T, $id: string) =>
  Type.Object(
    {
      data: Type.Array(row),
      next_cursor,
      last_cursor: Type.String({
        description: 'The position after this page. Pass it later as `cursor` to get the rows added since.',
      }),
    },
    {
      $id,
      description: 'One page of a list. `next_cursor` is null on the last page; `last_cursor` is never null.',
    },
  )

/** How many rows fit into a size in bytes, as a JSON array; at least one. */
export const countWithin = (rows: readonly object[], maxBytes: number): number => {
  let bytes = '[]'.length
  const end = rows.findIndex((row, index) => {
    bytes += Buffer.byteLength(JSON.stringify(row)) + ','.length
    return index > 0 && bytes > maxBytes
  })
  return end < 0 ? rows.length : end
}

/** A part of a list, and whether more rows follow. */
export interface Rows<R> {
  rows: R[]
  hasMore: boolean
}

export const toPage = <R extends { id: number }>({ rows, hasMore }: Rows<R>) => {
  const last = rows.at(-1)
  return { data: rows, next_cursor: hasMore && last ? toCursor(last.id) : null }
}

/** A page with the position after its last row, or the requested position if it is empty. */
export const toFollowablePage = <R extends { id: number }>(found: Rows<R>, { cursor }: PageRequest) => {
  const last = found.rows.at(-1)
  return { ...toPage(found), last_cursor: last ? toCursor(last.id) : (cursor ?? toCursor(0)) }
}
