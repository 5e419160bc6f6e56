import { is, Param, Placeholder } from 'drizzle-orm'
import type { BuiltQuery } from '../models/dialects/query'
import { ResultMismatch } from './errors'

export type Row = Record<string, unknown>

/** The rows that a built query returns; none if it has no RETURNING clause. */
export type RowsOf<Q extends BuiltQuery> = Q['_']['result'] extends readonly (infer R)[] ? R[] : never[]

/** SQL text, rendered once and executed many times, with the means to fill its parameters. */
export interface PreparedStatement {
  sql: string
  /** A statement that only reads may be retried when its connection is lost. */
  isReadOnly: boolean
  /** A statement that may wait for a lock on a row shares its connection with no other. */
  mayBlockOnLocks: boolean
  /** A statement that has to return a row first. Its parameters precede those of this one. */
  first?: PreparedStatement
  /** The approximate number of bytes after which no more rows are read. */
  maxBytes?: number
  /** How many parameters the text has. */
  parameterCount: number
  /** The parameters in the order of the text. Throws TypeError if one is missing or is no plain value. */
  parameters(values: Row): unknown[]
  /** Throws ResultMismatch if one of the rows does not belong to the owner that the parameters name. */
  checkOwner(rows: readonly Row[], parameters: readonly unknown[]): void
}

type Read = (values: Row) => unknown

/** Determines once where a parameter's value comes from. Drizzle would check types on every call. */
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
 * Whether both drivers can send a value as it is. For others postgres.js may throw after the statement has
 * its place in the pipeline, and then assigns the next result to it.
 */
const isPlain = (value: unknown) =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

const nameOf = (parameter: unknown) => {
  const value = is(parameter, Param) ? parameter.value : parameter
  return is(value, Placeholder) ? value.name : undefined
}

/** Whether the owner is one of a statement's conditions, or one of the values of an INSERT without conditions. */
const isBound = (owner: string, params: readonly unknown[], sql: string): boolean => {
  const isOwner = (index: number) => nameOf(params[index]) === owner
  const where = sql.search(/ where /i)
  if (where < 0) return /^insert\b/i.test(sql) && params.some((_, index) => isOwner(index))
  const conditions = sql.matchAll(new RegExp(`"${owner}" = (?:\\$(\\d+)|\\?)`, 'g'))
  return [...conditions].some(({ 0: { length }, 1: number, index }) => {
    // Postgres numbers its parameters; those of SQLite are counted.
    const position = number ?? sql.slice(0, index + length).split('?').length - 1
    return index > where && isOwner(Number(position) - 1)
  })
}

const checkOwnerBy = (owner: string, params: readonly unknown[], sql: string) => {
  if (!isBound(owner, params, sql))
    throw new Error(
      `This statement is not bound to an owner (no parameter ${owner} in its conditions or values): ${sql}`,
    )
  const index = params.findIndex((parameter) => nameOf(parameter) === owner)
  return (rows: readonly Row[], parameters: readonly unknown[]) => {
    const expected = parameters[index]
    for (const row of rows)
      if (row[owner] !== expected)
        throw new ResultMismatch(`A row of another ${owner} came back from: ${sql}`)
  }
}

/**
 * Renders a query to SQL once, so that executing it does not build it again.
 *
 * @param owner names the column, and the placeholder, that binds the statement to the owner of its rows; null if
 * they have none. Throws Error if the query is not bound to it.
 */
export const prepareStatement = (query: BuiltQuery, owner: string | null): PreparedStatement => {
  const { sql, params } = query.toSQL()
  const readers = params.map(reader)
  const first = query.first && prepareStatement(query.first, owner)
  const own = (values: Row) =>
    readers.map((read, index) => {
      const value = read(values)
      if (!isPlain(value))
        throw new TypeError(`Parameter ${index + 1} is missing or not a plain value in: ${sql}`)
      return value
    })
  return {
    sql,
    isReadOnly: /^select\b/i.test(sql),
    mayBlockOnLocks: !/^(select|insert)\b/i.test(sql),
    first,
    maxBytes: query.maxBytes,
    parameterCount: params.length,
    parameters: first ? (values) => [...first.parameters(values), ...own(values)] : own,
    checkOwner: owner === null ? () => {} : checkOwnerBy(owner, params, sql),
  }
}
