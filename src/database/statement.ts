import { is, Param, Placeholder } from 'drizzle-orm'
import type { BuiltQuery } from '../models/dialects/query'
import { ResultMismatch } from './errors'

export type Row = Record<string, unknown>

/** The rows that a built query returns; none if it has no RETURNING clause. */
export type RowsOf<Q extends BuiltQuery> = Q['_']['result'] extends readonly (infer R)[] ? R[] : never[]

/** SQL text, rendered once and executed many times. */
export type Statement = ReturnType<typeof render> & {
  /** A statement that has to return a row before this one is executed, in the same transaction; SQLite only. */
  first?: Statement
}

/** Returns the value of a parameter. Drizzle would check types on every call. */
const reader = (parameter: unknown): ((values: Row) => unknown) => {
  if (is(parameter, Placeholder)) return (values) => values[parameter.name]
  if (!is(parameter, Param) || !is(parameter.value, Placeholder)) return () => parameter
  const { encoder, value } = parameter
  const { name } = value
  return (values) => (values[name] === null ? null : encoder.mapToDriverValue(values[name]))
}

/**
 * Whether both drivers can send a value as it is. For others postgres.js may throw after the statement has
 * its place in the pipeline, and then assigns the next result to it.
 */
const isPlain = (value: unknown) =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** Whether the owner is one of a statement's conditions, or one of the values of an INSERT without conditions. */
const isBound = (owner: string, params: readonly unknown[], sql: string): boolean => {
  const isOwner = (parameter: unknown) => {
    const value = is(parameter, Param) ? parameter.value : parameter
    return is(value, Placeholder) && value.name === owner
  }
  let index = 0
  const named = sql.replace(/\$\d+|\?/g, () => (isOwner(params[index++]) ? ':owner' : ':other'))
  const [, conditions] = named.split(/ where (.*)/is)
  return conditions ? conditions.includes(`"${owner}" = :owner`) : /^insert\b.*:owner/is.test(named)
}

const render = (query: BuiltQuery, owner: string | null) => {
  const { sql, params } = query.toSQL()
  if (owner !== null && !isBound(owner, params, sql))
    throw new Error(
      `This statement is not bound to an owner (no parameter ${owner} in its conditions or values): ${sql}`,
    )
  const readers = params.map(reader)
  const parts = sql.split(/\$\d+/)
  return {
    sql,
    /** The text between the parameters of Postgres, as the constant template of a tagged query. */
    template: Object.assign(parts, { raw: parts }) as TemplateStringsArray,
    /** A statement that only reads may be sent again when its connection breaks. */
    isRead: /^select\b/i.test(sql),
    /** A statement that may wait for a lock on a row shares its connection with no other. */
    mayShare: /^(select|insert)\b/i.test(sql),
    isLong: query.isLong,
    /** The parameters in the order of the text. Throws TypeError if one is missing or is no plain value. */
    parameters: (values: Row) =>
      readers.map((read, index) => {
        const value = read(values)
        if (isPlain(value)) return value
        throw new TypeError(`Parameter ${index + 1} is missing or not a plain value in: ${sql}`)
      }),
    /** Throws ResultMismatch if one of the rows does not belong to the owner that the values name. */
    checkOwner(rows: readonly Row[], values: Row) {
      if (owner === null) return
      for (const row of rows)
        if (row[owner] !== values[owner])
          throw new ResultMismatch(`A row of another ${owner} came back from: ${sql}`)
    },
  }
}

/**
 * Renders a query to SQL once, so that executing it does not build it again.
 *
 * @param owner names the column, and the placeholder, that binds the statement to the owner of its rows; null if
 * they have none. Throws Error if the query is not bound to it.
 */
export const prepareStatement = (query: BuiltQuery, owner: string | null): Statement => ({
  ...render(query, owner),
  first: query.first && prepareStatement(query.first, owner),
})

/** A statement without parameters. */
export const plainStatement = (sql: string) =>
  prepareStatement({ _: { result: [] }, toSQL: () => ({ sql, params: [] }) }, null)
