import { is, Param, Placeholder, type Query } from 'drizzle-orm'

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
  /** A statement that may wait for a row which somebody holds shares its connection with no other. */
  isExclusive: boolean
  parameters(values: Row): unknown[]
}

type Read = (values: Row) => unknown

/** Where a parameter's value comes from, worked out once: Drizzle's own way looks at types every time. */
const reader = (parameter: unknown): Read => {
  if (is(parameter, Placeholder)) return (values) => values[parameter.name]
  if (is(parameter, Param) && is(parameter.value, Placeholder)) {
    const { encoder, value } = parameter
    return (values) => {
      const given = values[value.name]
      return given === null ? null : encoder.mapToDriverValue(given)
    }
  }
  return () => parameter
}

/**
 * Whether both drivers send a value without a question. On any other, postgres.js may throw when the
 * statement already has its place in the pipeline, and then takes the next answer for its own.
 */
const isPlain = (value: unknown) =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/**
 * Renders a query once, so that running it costs no query building.
 * Its `parameters` throws TypeError where a value is missing, or nothing that a column holds.
 */
export const toStatement = (query: BuiltQuery): Statement => {
  const { sql, params } = query.toSQL()
  const readers = params.map(reader)
  return {
    sql,
    reads: /^select\b/i.test(sql),
    isExclusive: !/^(select|insert)\b/i.test(sql),
    parameters: (values) =>
      readers.map((read, index) => {
        const value = read(values)
        if (!isPlain(value)) throw new TypeError(`No value for parameter ${index + 1} of: ${sql}`)
        return value
      }),
  }
}
