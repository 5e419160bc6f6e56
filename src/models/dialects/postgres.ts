import { getTableColumns, type Query, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { AnyPgColumn, PgColumn, PgTable } from 'drizzle-orm/pg-core'
import * as pg from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/pg-proxy'
import type { SelectResultFields } from 'drizzle-orm/query-builders/select.types'
import type { BuiltQuery } from './query'
import { toUtc } from './time'

const pageIndex = (name: string, id: AnyPgColumn, ...columns: AnyPgColumn[]) =>
  pg.index(name).on(...(columns as [AnyPgColumn]), sql`(${id} + 0)`)

/** A time. It is stored with milliseconds, whatever offset and precision it is given with. */
const timestamp = pg.customType<{ data: string }>({
  dataType: () => 'timestamp (3) with time zone',
  toDriver: toUtc,
})

const runNothing = () => Promise.reject(new Error('A query runs through Database.prepare.'))

const insertAfter = <T extends PgTable, C extends Record<string, PgColumn>>(
  update: SQLWrapper & { toSQL(): Query },
  table: T,
  values: Record<string, SQLWrapper>,
  returned: C,
) => {
  const columns = getTableColumns(table)
  const names = (keys: string[]) =>
    sql.join(
      keys.map((key) => sql.identifier(key)),
      sql`, `,
    )
  const given = Object.entries(values).map(
    ([key, value]) => sql`${sql.param(value, columns[key])}::${sql.raw(columns[key]?.getSQLType() ?? '')}`,
  )
  const insert = sql`insert into ${table} (${names(Object.keys(values))}) select ${sql.join(given, sql`, `)}`
  const text = sql`with updated as ${update} ${insert} from updated returning ${names(Object.keys(returned))}`
  return { toSQL: () => new pg.PgDialect().sqlToQuery(text) } as BuiltQuery & {
    _: { result: SelectResultFields<C>[] }
  }
}

export type Select = (selection: Record<string, AnyPgColumn | SQL.Aliased>) => BuiltQuery

export interface SelectWithin {
  select: Select
  columns: Record<string, AnyPgColumn>
  /** The names of the columns that may be long. */
  texts: string[]
  order: SQL
  maxBytes: number
}

const selectWithin = ({ select, columns, texts, order, maxBytes }: SelectWithin): BuiltQuery => {
  if (texts.length === 0) return select(columns)
  const lengths = texts.map((name) => sql`coalesce(octet_length(${columns[name]}), 0)`)
  const preceding = sql`over (order by ${order} rows between unbounded preceding and 1 preceding)`
  const fits = sql`coalesce(sum(${sql.join(lengths, sql` + `)}) ${preceding}, 0) < ${sql.raw(String(maxBytes))}`
  const read = (name: string) => sql`case when ${fits} then ${columns[name]} end`.as(name)
  return select({ ...columns, ...Object.fromEntries(texts.map((name) => [name, read(name)])) })
}

/** What models and queries are built with. Postgres is the canonical dialect, which provides the types. */
export const postgres = {
  /** Builds queries without executing them. They are executed through `Database.prepare`, with a deadline. */
  queryBuilder: () => drizzle(runNothing),
  table: pg.pgTable,
  id: () => pg.bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  reference: () => pg.bigint({ mode: 'number' }),
  text: pg.text,
  boolean: pg.boolean,
  timestamp: () => timestamp(),
  now: sql`now()` as SQL<string>,
  index: pg.index,
  check: pg.check,
  /**
   * The key that orders pages. As an expression it only matches the indexes created for it: otherwise the
   * planner may scan the primary key backwards, through the rows of all users.
   */
  pageKey: (id: AnyPgColumn) => sql`(${id} + 0)`,
  /** An index for pages of the rows that these columns select. */
  pageIndex,
  /** A page index beside a plain index on the same columns. SQLite needs none: its plain index ends with the row id. */
  pageIndexBeside: (...index: Parameters<typeof pageIndex>) => [pageIndex(...index)],
  /**
   * Inserts a row if an UPDATE of another table finds its row, in one statement. The UPDATE locks its row
   * before the new row gets its id, so that ids become visible in order.
   */
  insertAfter,
  /**
   * Selects rows, but leaves out the texts of rows after the first `maxBytes` bytes, which the caller does
   * not use.
   */
  selectWithin,
}

export type Dialect = typeof postgres
