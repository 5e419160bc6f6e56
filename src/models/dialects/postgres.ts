import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'
import * as pg from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/pg-proxy'
import type { BuiltQuery } from './query'
import { toUtc } from './time'

/** A time. It is stored with milliseconds, whatever offset and precision it is given with. */
const timestamp = pg.customType<{ data: string }>({
  dataType: () => 'timestamp (3) with time zone',
  toDriver: toUtc,
})

const now = sql`now()` as SQL<string>

const createdAt = () => timestamp().notNull().default(now)

/**
 * The key that orders pages. As an expression it only matches the indexes created for it: otherwise the planner
 * may scan the primary key backwards, through the rows of all users.
 */
const pageKey = (id: AnyPgColumn) => sql`(${id} + 0)`

type Columns = [AnyPgColumn, ...AnyPgColumn[]]

/** An index for pages of the rows that these columns select. */
const pageIndex = (name: string, id: AnyPgColumn, ...columns: Columns) =>
  pg.index(name).on(...columns, pageKey(id))

/**
 * Inserts a row if an UPDATE of another table finds its row. That row is locked before the new one gets its id,
 * so that ids become visible in order. Drizzle's insert().select() would need every column, the id among them.
 */
const insertAfter = (
  update: BuiltQuery & SQLWrapper,
  table: PgTable,
  values: Record<string, SQLWrapper>,
  returned: Record<string, AnyPgColumn>,
): BuiltQuery => {
  const list = (parts: SQLWrapper[]) => sql.join(parts, sql`, `)
  const names = (record: object) => list(Object.keys(record).map((name) => sql.identifier(name)))
  const insert = sql`insert into ${table} (${names(values)}) select ${list(Object.values(values))} from updated`
  const text = sql`with updated as ${update} ${insert} returning ${names(returned)}`
  return { _: { result: [] }, toSQL: () => new pg.PgDialect().sqlToQuery(text) }
}

/** What models and queries are built with. Postgres is the canonical dialect, which provides the types. */
export const postgres = {
  /** Builds queries without executing them. They are executed through `Database.prepare`, with a deadline. */
  queryBuilder: () => drizzle(() => Promise.reject(new Error('A query runs through Database.prepare.'))),
  table: pg.pgTable,
  id: () => pg.bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  reference: () => pg.bigint({ mode: 'number' }),
  text: pg.text,
  boolean: pg.boolean,
  timestamp: () => timestamp(),
  createdAt,
  updatedAt: () => createdAt().$onUpdate(() => now),
  now,
  /** The time of this very moment, where `now` is that of the start of the transaction. */
  clock: sql`clock_timestamp()` as SQL<string>,
  index: pg.index,
  check: pg.check,
  pageKey,
  pageIndex,
  /** A plain index and a page index on the same columns. SQLite has the plain one alone: it ends with the row id. */
  pageIndexes: (name: string, id: AnyPgColumn, ...columns: Columns) => [
    pg.index(`${name}_idx`).on(...columns),
    pageIndex(`${name}_page_idx`, id, ...columns),
  ],
  insertAfter,
}

export type Dialect = typeof postgres
