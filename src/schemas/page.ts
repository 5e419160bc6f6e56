import { type TSchema, Type } from '@sinclair/typebox'
import { checked } from './checked'
import { integer } from './id'

const limits = { min: 1, max: 100, default: 50 }

const toCursor = (id: number) => Buffer.from(String(id)).toString('base64url')

const fromCursor = (cursor: string) => {
  const id = Number(Buffer.from(cursor, 'base64url').toString())
  return Number.isSafeInteger(id) && id > 0 && toCursor(id) === cursor ? id : undefined
}

export const PageQuery = Type.Object(
  {
    limit: Type.Optional(
      checked<string>(
        {
          type: 'integer',
          minimum: limits.min,
          maximum: limits.max,
          description: `The most rows to give; ${limits.default} if not said.`,
        },
        (value) => {
          const count = typeof value === 'string' && integer.test(value) ? Number(value) : Number.NaN
          return count >= limits.min && count <= limits.max
            ? undefined
            : `must be an integer from ${limits.min} to ${limits.max}`
        },
      ),
    ),
    cursor: Type.Optional(
      checked<string>({ type: 'string', description: 'The `next_cursor` of the page before.' }, (value) =>
        typeof value === 'string' && fromCursor(value) !== undefined
          ? undefined
          : 'must be the next_cursor of a page',
      ),
    ),
  },
  { additionalProperties: true },
)

/** A stretch of a list in key order: `after` is the key of the last row before it. */
export interface PageRequest {
  limit: number
  after: number | undefined
}

export const toPageRequest = (query: { limit?: string; cursor?: string }): PageRequest => ({
  limit: query.limit === undefined ? limits.default : Number(query.limit),
  after: query.cursor === undefined ? undefined : fromCursor(query.cursor),
})

export const pageOf = <T extends TSchema>(row: T, $id: string) =>
  Type.Object(
    { data: Type.Array(row), next_cursor: Type.Union([Type.String(), Type.Null()]) },
    { $id, description: 'One page of a list; `next_cursor` is null on the last one.' },
  )

/** Cuts a page from rows read with one more than `limit`, which shows whether more follow. */
export const toPage = <R extends { id: number }>(rows: R[], { limit }: PageRequest) => {
  const data = rows.length > limit ? rows.slice(0, limit) : rows
  const last = data.at(-1)
  return { data, next_cursor: rows.length > limit && last ? toCursor(last.id) : null }
}
