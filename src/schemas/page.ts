import { type TSchema, Type } from '@sinclair/typebox'
import { checked } from './checked'
import { integer } from './id'

const limits = { min: 1, max: 100, default: 50 }

const toCursor = (id: number) => Buffer.from(String(id)).toString('base64url')

const fromCursor = (cursor: string) => {
  const id = Number(Buffer.from(cursor, 'base64url').toString())
  return Number.isSafeInteger(id) && id >= 0 && toCursor(id) === cursor ? id : undefined
}

const Limit = checked<string>(
  {
    type: 'integer',
    minimum: limits.min,
    maximum: limits.max,
    description: `The most rows to return; ${limits.default} by default.`,
  },
  (value) => {
    const count = typeof value === 'string' && integer.test(value) ? Number(value) : Number.NaN
    return count >= limits.min && count <= limits.max
      ? undefined
      : `must be an integer from ${limits.min} to ${limits.max}`
  },
)

const pageQuery = (firstKey: number, names: string) =>
  Type.Object(
    {
      limit: Type.Optional(Limit),
      cursor: Type.Optional(
        checked<string>({ type: 'string', description: `The ${names} of a page.` }, (value) => {
          const key = typeof value === 'string' ? fromCursor(value) : undefined
          return key === undefined || key < firstKey ? `must be the ${names} of a page` : undefined
        }),
      ),
    },
    { additionalProperties: true },
  )

export const PageQuery = pageQuery(1, 'next_cursor')

/** The same for a list that one may follow, where the position before its first row is valid, too. */
export const FollowablePageQuery = pageQuery(0, 'next_cursor or last_cursor')

/** A stretch of a list in key order: `after` is the key of the last row before it. */
export interface PageRequest {
  limit: number
  after: number | undefined
}

export const toPageRequest = (query: { limit?: string; cursor?: string }): PageRequest => ({
  limit: query.limit === undefined ? limits.default : Number(query.limit),
  after: query.cursor === undefined ? undefined : fromCursor(query.cursor),
})

const next_cursor = Type.Union([Type.String(), Type.Null()])

export const pageOf = <T extends TSchema>(row: T, $id: string) =>
  Type.Object(
    { data: Type.Array(row), next_cursor },
    { $id, description: 'One page of a list; `next_cursor` is null on the last one.' },
  )

/** A page of a list that grows at its end. */
export const followablePageOf = <T extends TSchema>(row: T, $id: string) =>
  Type.Object(
    {
      data: Type.Array(row),
      next_cursor,
      last_cursor: Type.String({
        description: 'The position after this page: passed as `cursor` later, it finds the rows added since.',
      }),
    },
    { $id, description: 'One page of a list; `next_cursor` is null on the last one, `last_cursor` never.' },
  )

interface Rows<R> {
  rows: R[]
  hasMore: boolean
}

export const toPage = <R extends { id: number }>({ rows, hasMore }: Rows<R>) => {
  const last = rows.at(-1)
  return { data: rows, next_cursor: hasMore && last ? toCursor(last.id) : null }
}

export const toFollowablePage = <R extends { id: number }>(found: Rows<R>, { after = 0 }: PageRequest) => ({
  ...toPage(found),
  last_cursor: toCursor(found.rows.at(-1)?.id ?? after),
})
