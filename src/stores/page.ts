import type { TObject } from '@sinclair/typebox'
import { eq, type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Dialect } from '../models/dialects/postgres'
import type { BuiltQuery } from '../models/dialects/query'
import { countWithin } from '../schemas/page'
import { maxJsonBytesPerUnit } from '../schemas/text'

/** The approximate size limit of a page, in bytes, so that a few readers of long texts cannot fill the memory. */
const maxPageBytes = 1024 * 1024

/** The maximum size of a character in UTF-8, in bytes. */
const maxBytesPerCharacter = 4

export interface PageParts {
  where: SQL | undefined
  order: SQL
}

/** The queries of a table's pages. The texts of a row are the fields with a `maxLength` in its schema. */
export const createPages = (
  dialect: Dialect,
  table: PgTable & { id: AnyPgColumn },
  row: TObject,
  columns: Record<string, AnyPgColumn>,
) => {
  const query = dialect.queryBuilder()
  const lengths = Object.entries(row.properties).filter(([, { maxLength }]) => maxLength !== undefined)
  const texts = lengths.map(([name]) => name)
  const maxRowBytes = lengths.reduce((sum, [, { maxLength }]) => sum + maxLength * maxBytesPerCharacter, 0)
  const limit = sql.placeholder('limit')

  return {
    /** Whether so many rows could exceed the size limit. */
    mayBeLong: (count: number) => count * maxRowBytes > maxPageBytes,

    /** Selects the rows of a page. */
    short: ({ where, order }: PageParts): BuiltQuery =>
      query
        .select(columns)
        .from(table as PgTable)
        .where(where)
        .orderBy(order)
        .limit(limit),

    /** The same, without the texts of the rows behind the size limit, which are not even read. */
    long({ where, order }: PageParts): BuiltQuery {
      const bytes = texts.map((name) => sql`coalesce(octet_length(${columns[name]}), 0)`)
      const preceding = sql`over (order by ${order} rows between unbounded preceding and 1 preceding)`
      const size = sql`coalesce(sum(${sql.join(bytes, sql` + `)}) ${preceding}, 0)`
      const fits = sql`${size} < ${sql.raw(String(maxPageBytes))}`.as('fits')
      const ids = query.select({ id: table.id, fits }).from(table as PgTable)
      const page = ids.where(where).orderBy(order).limit(limit).as('page')
      const read = texts.map((name) => [name, sql`case when ${page.fits} then ${columns[name]} end`.as(name)])
      const rows = query.select({ ...columns, ...Object.fromEntries(read) }).from(table as PgTable)
      return Object.assign(rows.innerJoin(page, eq(sql`${page.id}`, table.id)).orderBy(order), {
        isLong: true,
      })
    },

    /** The rows that fit into a page, at least one. */
    cut<R extends object>(rows: R[]): R[] {
      let units = 0
      for (const row of rows as Record<string, string | null>[])
        for (const name of texts) units += row[name]?.length ?? 0
      // Most pages are far below the limit and need no exact measurement.
      if (units * maxJsonBytesPerUnit <= maxPageBytes) return rows
      return rows.slice(0, countWithin(rows, maxPageBytes))
    },
  }
}
