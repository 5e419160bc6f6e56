import type { Query } from 'drizzle-orm'

/** Any query that Drizzle has built but not run. */
export interface BuiltQuery {
  _: { result: unknown }
  toSQL(): Query
  /** A query that has to return a row before this one runs, in the same transaction; for SQLite alone. */
  first?: BuiltQuery
  /** After about so many bytes of text no more rows are read; for SQLite alone. */
  maxBytes?: number
}
