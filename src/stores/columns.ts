import type { TObject } from '@sinclair/typebox'
import { getTableColumns, type Placeholder, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

type Columns<T extends PgTable> = T['_']['columns']

/**
 * The columns that a response schema names, and no others: what it does not name is never read.
 * Throws Error if one of them does not exist.
 */
export const columnsOf = <T extends PgTable, S extends TObject>(table: T, schema: S) => {
  const columns: Record<string, unknown> = getTableColumns(table)
  const names = Object.keys(schema.properties)
  const unknown = names.filter((name) => !(name in columns))
  if (unknown.length > 0) throw new Error(`the schema ${schema.$id} names no column: ${unknown}`)
  return Object.fromEntries(names.map((name) => [name, columns[name]])) as Pick<
    Columns<T>,
    keyof S['properties'] & keyof Columns<T>
  >
}

/** The fields of a request that are written to the columns of the same names. */
export const fieldsOf = (schema: TObject): string[] => Object.keys(schema.properties)

/** A placeholder of its own name for each field. */
export const placeholdersFor = <S extends TObject>(fields: readonly string[]) =>
  Object.fromEntries(fields.map((field) => [field, sql.placeholder(field)])) as Record<
    keyof S['properties'],
    Placeholder
  >

/**
 * Prepares a statement for each set of fields that a request has, when it first occurs: what is not
 * given keeps its value, or gets the default of its column.
 */
export const preparePerFields = <S>(fields: readonly string[], prepare: (given: readonly string[]) => S) => {
  const statements = new Map<string, S>()
  return (values: object): S => {
    const given = fields.filter((field) => field in values)
    const key = given.join()
    const known = statements.get(key) ?? prepare(given)
    statements.set(key, known)
    return known
  }
}
