import { getTableColumns, is, Placeholder, type Query, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
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
  const given = Object.entries(values).map(([key, value]) => {
    const encoded = is(value, Placeholder) ? sql.param(value, columns[key]) : value
    return sql`${encoded}::${sql.raw(columns[key]?.getSQLType() ?? '')}`
  })
  // Drizzle's own insert().select() would need every column, and take the id before the row is locked.
  const insert = sql`insert into ${table} (${names(Object.keys(values))}) select ${sql.join(given, sql`, `)}`
  const text = sql`with updated as ${update} ${insert} from updated returning ${names(Object.keys(returned))}`
  return { toSQL: () => new pg.PgDialect().sqlToQuery(text) } as BuiltQuery & {
    _: { result: SelectResultFields<C>[] }
  }
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
  /** The time of this very moment, where `now` is that of the start of the transaction. */
  clock: sql`clock_timestamp()` as SQL<string>,
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
}

export type Dialect = typeof postgres
