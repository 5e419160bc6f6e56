import type { Static, TObject } from '@sinclair/typebox'
import { and, asc, desc, gt, lt, type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Database } from '../database'
import type { PageRequest } from '../schemas/page'
import { columnsOf } from './columns'
import { currentUser, prepareForUser, type Run } from './user-scope'

/** A page ends early after about so many bytes, lest a few readers of long texts fill the memory. */
const maxPageBytes = 1024 * 1024

/** The most bytes that a character takes in UTF-8, and a UTF-16 unit in JSON (`\u0001`). */
const bytesPerCharacter = 4
const bytesPerUnit = 6

export interface Rows<R> {
  rows: R[]
  /** Whether more rows follow. */
  hasMore: boolean
}

type PageTable = PgTable & { id: AnyPgColumn; user_id: AnyPgColumn }

interface PageOptions<T extends PageTable, S extends TObject> {
  table: T
  /** Describes a row; its texts are those that have a `maxLength`. */
  schema: S
  order: 'newest first' | 'oldest first'
  conditions?: SQL[]
}

/** The rows before the page is longer than it may be, at least one. */
const cut = <R extends object>(rows: R[]): R[] => {
  const units = rows
    .flatMap((row) => Object.values(row))
    .reduce((sum, value) => sum + (value?.length ?? 0), 0)
  if (units * bytesPerUnit <= maxPageBytes) return rows
  let bytes = 0
  const end = rows.findIndex((row, index) => {
    bytes += Buffer.byteLength(JSON.stringify(row))
    return index > 0 && bytes > maxPageBytes
  })
  return end < 0 ? rows : rows.slice(0, end)
}

/**
 * Prepares the pages of one user's rows in the order of their ids. Pages that could be long are
 * limited in the database, so that the rows after the limit are not read.
 */
export const preparePages = <T extends PageTable, S extends TObject>(
  database: Database,
  options: PageOptions<T, S>,
) => {
  type R = Static<S>
  const { table, schema, order, conditions = [] } = options
  const query = database.dialect.queryBuilder()
  const prepare = prepareForUser(database)
  const key = database.dialect.pageKey(table.id)
  const after = sql.placeholder('after')
  const [direction, follows, start] =
    order === 'newest first'
      ? [desc(key), lt(key, after), Number.MAX_SAFE_INTEGER]
      : [asc(key), gt(key, after), 0]
  const where = and(sql`${table.user_id} = ${currentUser}`, ...conditions, follows)
  const limit = sql.placeholder('limit')
  const columns: Record<string, AnyPgColumn> = columnsOf(table, schema)

  const texts = Object.entries(schema.properties).filter(([, { maxLength }]) => maxLength !== undefined)
  const maxRowBytes = texts.reduce((sum, [, { maxLength }]) => sum + maxLength * bytesPerCharacter, 0)
  const from = query.select(columns).from(table as PgTable)
  const all = prepare(from.where(where).orderBy(direction).limit(limit))

  /** The same until the texts of the rows before are longer than a page may be. */
  const prepareLimited = () => {
    const bytes = texts.map(([name]) => sql`coalesce(octet_length(${columns[name]}), 0)`)
    const preceding = sql`over (order by ${direction} rows between unbounded preceding and 1 preceding)`
    const page = query
      .select({
        ...columns,
        preceding_bytes: sql<number>`coalesce(sum(${sql.join(bytes, sql` + `)}) ${preceding}, 0)`.as(
          'preceding_bytes',
        ),
        has_more: sql<unknown>`(lead(1) over (order by ${direction}) is not null)`.as('has_more'),
      })
      .from(table as PgTable)
      .where(where)
      .orderBy(direction)
      .limit(limit)
      .as('page')
    const { preceding_bytes, ...selected } = page._.selectedFields
    return prepare(
      query
        .select(selected as unknown as typeof columns)
        .from(page as unknown as PgTable)
        .where(sql`${preceding_bytes} < ${maxPageBytes}`)
        .orderBy(order === 'newest first' ? sql`id desc` : sql`id`),
    )
  }
  const limited = maxRowBytes > 0 ? prepareLimited() : all

  /** Returns a page; `values` fill the placeholders of the conditions. */
  return async (run: Run, { limit, after = start }: PageRequest, values: object = {}): Promise<Rows<R>> => {
    const parameters = { ...values, limit: limit + 1, after }
    if (limit * maxRowBytes <= maxPageBytes) {
      const rows = (await run(all, parameters)) as R[]
      return rows.length > limit ? { rows: rows.slice(0, limit), hasMore: true } : { rows, hasMore: false }
    }
    const found = await run(limited, parameters)
    const hasMore = found.length > limit || Boolean(found.at(-1)?.has_more)
    const read = found.slice(0, limit).map(({ has_more, ...row }) => row)
    const rows = cut(read)
    return { rows: rows as R[], hasMore: hasMore || rows.length < read.length }
  }
}
