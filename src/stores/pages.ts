import type { Static, TObject } from '@sinclair/typebox'
import { and, asc, desc, gt, lt, type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Database } from '../database'
import type { Select } from '../models/dialects/postgres'
import { countWithin, defaultLimit, fromCursor, type PageRequest, type Rows } from '../schemas/page'
import { maxJsonBytesPerUnit } from '../schemas/text'
import { columnsOf } from './columns'
import { currentUser, prepareForUser, type Run } from './user-scope'

/**
 * The approximate size limit of a page, in bytes, so that a few readers of long texts cannot fill the memory.
 */
const maxPageBytes = 1024 * 1024

/** The maximum size of a character in UTF-8, in bytes. */
const maxBytesPerCharacter = 4

type PageTable = PgTable & { id: AnyPgColumn; user_id: AnyPgColumn }

interface PageOptions<T extends PageTable, S extends TObject> {
  table: T
  /** The schema of a row. Its texts are the fields with a `maxLength`. */
  schema: S
  order: 'newest first' | 'oldest first'
  conditions?: SQL[]
}

/** The rows that fit into a page, at least one. */
const cut = <R extends object>(rows: R[], texts: readonly string[]): R[] => {
  let units = 0
  for (const row of rows as Record<string, string | null>[])
    for (const name of texts) units += row[name]?.length ?? 0
  // Most pages are far below the limit and need no exact measurement.
  if (units * maxJsonBytesPerUnit <= maxPageBytes) return rows
  return rows.slice(0, countWithin(rows, maxPageBytes))
}

/**
 * Prepares the pages of one user's rows in the order of their ids. Pages that could be long are
 * limited in the database, so that the texts after the limit are not read.
 */
export const preparePages = <T extends PageTable, S extends TObject>(
  database: Database,
  options: PageOptions<T, S>,
) => {
  type R = Static<S>
  const { table, schema, order, conditions = [] } = options
  const { dialect } = database
  const prepare = prepareForUser(database)
  const key = dialect.pageKey(table.id)
  const after = sql.placeholder('after')
  const [direction, follows, start] =
    order === 'newest first'
      ? [desc(key), lt(key, after), Number.MAX_SAFE_INTEGER]
      : [asc(key), gt(key, after), 0]
  const where = and(sql`${table.user_id} = ${currentUser}`, ...conditions, follows)
  const columns: Record<string, AnyPgColumn> = columnsOf(table, schema)

  const textFields = Object.entries(schema.properties).filter(([, { maxLength }]) => maxLength !== undefined)
  const maxRowBytes = textFields.reduce((sum, [, { maxLength }]) => sum + maxLength * maxBytesPerCharacter, 0)
  const texts = textFields.map(([name]) => name)
  const select: Select = (selection) =>
    dialect
      .queryBuilder()
      .select(selection)
      .from(table as PgTable)
      .where(where)
      .orderBy(direction)
      .limit(sql.placeholder('limit'))
  const all = prepare(select(columns))
  const limited = prepare(
    dialect.selectWithin({ select, columns, texts, order: direction, maxBytes: maxPageBytes }),
  )

  /** Returns a page; `values` fill the placeholders of the conditions. */
  return async (
    run: Run,
    { limit = defaultLimit, cursor }: PageRequest,
    values: object = {},
  ): Promise<Rows<R>> => {
    const statement = limit * maxRowBytes <= maxPageBytes ? all : limited
    const position = cursor === undefined ? start : fromCursor(cursor)
    const found = (await run(statement, { ...values, limit: limit + 1, after: position })) as R[]
    const rows = cut(found.length > limit ? found.slice(0, limit) : found, texts)
    return { rows, hasMore: rows.length < found.length }
  }
}
