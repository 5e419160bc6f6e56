import { type SQL, sql } from 'drizzle-orm'
import { drizzle as drizzleSQLite } from 'drizzle-orm/bun-sqlite'
import * as pg from 'drizzle-orm/pg-core'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import * as lite from 'drizzle-orm/sqlite-core'

/** What models and queries are made of, in the canonical dialect, from which all types come. */
export const postgres = {
  /** Builds queries and runs none: what runs goes through `Database.prepare`, with a deadline. */
  queryBuilder: drizzlePostgres.mock,
  table: pg.pgTable,
  id: () => pg.bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  reference: () => pg.bigint({ mode: 'number' }),
  text: pg.text,
  boolean: pg.boolean,
  timestamp: () =>
    pg.timestamp({ mode: 'string', withTimezone: true, precision: 3 }).notNull().default(sql`now()`),
  now: sql`now()` as SQL<string>,
  index: pg.index,
  check: pg.check,
  /** An index that ends with the key, for pages of one user's rows in key order. */
  pageIndex: (name: string, ...on: [pg.AnyPgColumn, ...pg.AnyPgColumn[]]) => [pg.index(name).on(...on)],
}

export type Dialect = typeof postgres

const sqliteNow = sql`(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))` as SQL<string>

/**
 * The same for SQLite. Drizzle has no type that spans its dialects, so this cast, the only
 * one between them, lets SQLite play the part of Postgres; the suite runs every query on both.
 */
export const sqlite = {
  queryBuilder: drizzleSQLite.mock,
  table: lite.sqliteTable,
  // Without AUTOINCREMENT the id of a deleted row would be given to the next one.
  id: () => lite.integer().primaryKey({ autoIncrement: true }),
  reference: () => lite.integer(),
  text: lite.text,
  boolean: () => lite.integer({ mode: 'boolean' }),
  timestamp: () => lite.text().notNull().default(sqliteNow),
  now: sqliteNow,
  index: lite.index,
  check: lite.check,
  // Every index of SQLite ends with the row's key already.
  pageIndex: () => [],
} as unknown as Dialect
