import type { TObject } from '@sinclair/typebox'
import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type { Dialect } from '../models/dialects/postgres'
import type { BuiltQuery } from '../models/dialects/query'
import { countWithin } from '../schemas/page'
import { maxJsonBytesPerUnit } from '../schemas/text'
import type { UserTable } from './columns'

/** The approximate size limit of a page, in bytes, so that a few readers of long texts cannot fill the memory. */
const maxPageBytes = 1024 * 1024

/** The maximum size of a character in UTF-8, in bytes. */
const maxBytesPerCharacter = 4

/** The queries of a table's pages. The texts of a row are the fields with a `maxLength` in its schema. */
export const createPages = (
  query: ReturnType<Dialect['queryBuilder']>,
  table: UserTable,
  row: TObject,
  columns: Record<string, AnyPgColumn>,
) => {
  const lengths = Object.entries(row.properties).filter(([, { maxLength }]) => maxLength !== undefined)
  const texts = lengths.map(([name]) => name)
  const maxRowBytes = lengths.reduce((sum, [, { maxLength }]) => sum + maxLength * maxBytesPerCharacter, 0)
  const limit = sql.placeholder('limit')

  return {
    /** Whether so many rows could exceed the size limit. */
    mayBeLong: (count: number) => count * maxRowBytes > maxPageBytes,

    /** Selects the rows of a page. */
    short: (where: SQL | undefined, order: SQL): BuiltQuery =>
      query.select(columns).from(table).where(where).orderBy(order).limit(limit),

    /** The same up to the size limit and one row more; the texts behind that are not even read. */
    long(where: SQL | undefined, order: SQL): BuiltQuery {
      const bytes = texts.map((name) => sql`coalesce(octet_length(${columns[name]}), 0)`)
      const before = sql`over (order by ${order} rows between unbounded preceding and 2 preceding)`
      const size = sql`coalesce(sum(${sql.join(bytes, sql` + `)}) ${before}, 0)`
      const fits = sql`${size} < ${sql.raw(String(maxPageBytes))}`.as('fits')
      const ids = query.select({ id: table.id, fits }).from(table)
      const page = ids.where(where).orderBy(order).limit(limit).as('page')
      const isRead = sql`${page.id} = ${table.id} and ${page.fits}`
      const rows = query.select(columns).from(table).innerJoin(page, isRead).orderBy(order)
      return Object.assign(rows, { isLong: true })
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
