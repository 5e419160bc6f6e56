import { type SQL, sql } from 'drizzle-orm'
import { drizzle as drizzleSQLite } from 'drizzle-orm/bun-sqlite'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import * as pg from 'drizzle-orm/pg-core'
import { drizzle as drizzlePostgres } from 'drizzle-orm/pg-proxy'
import * as lite from 'drizzle-orm/sqlite-core'

const pageIndex = (name: string, id: AnyPgColumn, ...columns: AnyPgColumn[]) =>
  pg.index(name).on(...(columns as [AnyPgColumn]), sql`(${id} + 0)`)

const runNothing = () => Promise.reject(new Error('A query runs through Database.prepare.'))

/** What models and queries are made of, in the canonical dialect, from which all types come. */
export const postgres = {
  /** Builds queries and runs none: what runs goes through `Database.prepare`, with a deadline. */
  queryBuilder: () => drizzlePostgres(runNothing),
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
  /**
   * The key by which pages walk. As an expression it matches no index but those made for it: left to
   * choose, the planner reads the primary key backward, through everybody's rows, to find one user's.
   */
  pageKey: (id: AnyPgColumn) => sql`(${id} + 0)`,
  /** An index for pages of the rows that these columns select. */
  pageIndex,
  /** The same where an index on these very columns is there already. */
  pageIndexBeside: (...index: Parameters<typeof pageIndex>) => [pageIndex(...index)],
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
  // Every index of SQLite ends with the row's key already, and its planner knows.
  pageKey: (id: AnyPgColumn) => sql`${id}`,
  pageIndex: (name: string, _: unknown, ...columns: [lite.SQLiteColumn]) => lite.index(name).on(...columns),
  pageIndexBeside: () => [],
} as unknown as Dialect
