import { FormatRegistry, type Static, type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { integerParameter, queryOf } from './parameters'

export const defaultLimit = 50

/** The cursor of the position after the row with this id. */
export const toCursor = (id: number) => Buffer.from(String(id)).toString('base64url')

/** The id of the last row before a cursor; undefined if it is not one that this service issued. */
export const fromCursor = (cursor: string): number | undefined => {
  const id = Number(Buffer.from(cursor, 'base64url').toString())
  return Number.isSafeInteger(id) && id >= 0 && toCursor(id) === cursor ? id : undefined
}

// No row has the id 0: a cursor with it is the position before the first row.
FormatRegistry.Set('cursor', (text) => Boolean(fromCursor(text)))
FormatRegistry.Set('position', (text) => fromCursor(text) !== undefined)

/** The parameters of a list; `cursors` names the fields of a page that may be passed as `cursor`. */
export const pageParameters = (format: 'cursor' | 'position', cursors: string) => ({
  limit: Type.Optional(
    integerParameter({
      minimum: 1,
      maximum: 100,
      description: `The maximum number of rows; ${defaultLimit} by default.`,
      error: 'must be an integer from 1 to 100',
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      format,
      description: `The ${cursors} of a page.`,
      error: `must be the ${cursors} of a page`,
    }),
  ),
})

export const PageQuery = queryOf(pageParameters('cursor', 'next_cursor'))

/** The requested part of a list. The cursor stays a string, since clients pass it back as they got it. */
export type PageRequest = Static<typeof PageQuery>

const next_cursor = Type.Union([Type.String(), Type.Null()])

export const pageOf = <T extends TSchema, M extends TProperties = Record<never, never>>(
  row: T,
  $id: string,
  more?: M,
) =>
  Type.Object(
    { data: Type.Array(row), next_cursor, ...(more as M) },
    { $id, description: 'One page of a list. `next_cursor` is null on the last page.' },
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
