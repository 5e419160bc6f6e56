import type { Query } from 'drizzle-orm'

/** Any query that Drizzle has built but not run. */
export interface BuiltQuery {
  _: { result: unknown }
  toSQL(): Query
  /** A query that has to return a row before this one is executed, in the same transaction; SQLite only. */
  first?: BuiltQuery
  /** The approximate number of bytes of text after which no more rows are read; SQLite only. */
  maxBytes?: number
}
