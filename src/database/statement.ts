import { fillPlaceholders, type Query } from 'drizzle-orm'

/** Any query that Drizzle has built but not run. */
export interface BuiltQuery {
  _: { result: unknown }
  toSQL(): Query
}

export type Row = Record<string, unknown>

/** The rows that a built query gives; none where it has no RETURNING clause. */
export type RowsOf<Q extends BuiltQuery> = Q['_']['result'] extends readonly (infer R)[] ? R[] : never[]

/** SQL text with the means to fill its parameters, made once and run many times. */
export interface Statement {
  sql: string
  /** A statement that only reads may be sent again when its connection breaks. */
  reads: boolean
  parameters(values: Row): unknown[]
}

/** Renders a query once, so that running it costs no query building. */
export const toStatement = (query: BuiltQuery): Statement => {
  const { sql, params } = query.toSQL()
  return {
    sql,
    reads: /^select\b/i.test(sql),
    parameters: (values) => fillPlaceholders(params, values),
  }
}
