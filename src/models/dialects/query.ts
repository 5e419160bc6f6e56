import type { Query } from 'drizzle-orm'

/** Any query that Drizzle has built but not run. */
export interface BuiltQuery {
  _: { result: unknown }
  toSQL(): Query
  /** A query that has to return a row before this one is executed, in the same transaction; SQLite only. */
  first?: BuiltQuery
  /** Whether it reads a page of long texts, which takes a while. */
  isLong?: boolean
}
