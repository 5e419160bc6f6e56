import { type SQL, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/bun-sqlite'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import * as lite from 'drizzle-orm/sqlite-core'
import type { Dialect } from './postgres'
import type { BuiltQuery } from './query'
import { toUtc } from './time'

/** The same as on Postgres, as text. */
const timestamp = lite.customType<{ data: string }>({ dataType: () => 'text', toDriver: toUtc })

const now = sql`(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))` as SQL<string>

const createdAt = () => timestamp().notNull().default(now)

/**
 * The SQLite counterpart of postgres.ts. Drizzle has no type that spans dialects, so SQLite is cast to
 * Postgres, here and nowhere else. The tests execute every query on both.
 */
export const sqlite = {
  queryBuilder: drizzle.mock,
  table: lite.sqliteTable,
  // Without AUTOINCREMENT the id of a deleted row could be reused.
  id: () => lite.integer().primaryKey({ autoIncrement: true }),
  reference: () => lite.integer(),
  text: lite.text,
  boolean: () => lite.integer({ mode: 'boolean' }),
  timestamp: () => timestamp(),
  createdAt,
  updatedAt: () => createdAt().$onUpdate(() => now),
  now,
  clock: now,
  index: lite.index,
  check: lite.check,
  // In SQLite every index already ends with the row id.
  pageKey: (id: AnyPgColumn) => sql`${id}`,
  pageIndex: (name: string, _: unknown, ...columns: [lite.SQLiteColumn]) => lite.index(name).on(...columns),
  pageIndexes: (name: string, _: unknown, ...columns: [lite.SQLiteColumn]) => [
    lite.index(`${name}_idx`).on(...columns),
  ],
  insertAfter: (
    update: BuiltQuery,
    table: lite.SQLiteTable,
    values: Record<string, SQL>,
    returned: Record<string, lite.SQLiteColumn>,
  ): BuiltQuery =>
    Object.assign(drizzle.mock().insert(table).values(values).returning(returned), { first: update }),
} as unknown as Dialect
