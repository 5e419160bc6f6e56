import type { Static, TObject } from '@sinclair/typebox'
import { getTableColumns, type Placeholder, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { owner } from './user-scope'

type Columns<T extends PgTable> = T['_']['columns']

/** The names of a schema's fields. Throws Error if the table has no column for one of them. */
const namesOf = (table: PgTable | undefined, { $id, properties }: TObject): string[] => {
  if (table === undefined)
    throw new Error(`the table of the schema ${$id} is not one of the models in src/models/index.ts`)
  const columns = getTableColumns(table)
  const names = Object.keys(properties)
  const unknown = names.filter((name) => !(name in columns))
  if (unknown.length > 0) throw new Error(`the schema ${$id} has fields without a column: ${unknown.join()}`)
  return names
}

/**
 * The names of the fields that a client may send. Does not compile if a field has another type than its column.
 * Throws Error if the table has no column for one of them.
 */
export const fieldsOf = <T extends PgTable, S extends TObject>(
  table: T,
  schema: S & (Static<S> extends Partial<T['$inferInsert']> ? TObject : never),
): string[] => namesOf(table, schema)

/**
 * The columns that a response schema names; no others are ever read. Throws Error if one of them does not
 * exist, or if the schema lacks the owner, which every returned row is checked by.
 */
export const columnsOf = <T extends PgTable, S extends TObject>(table: T, schema: S) => {
  const names = namesOf(table, schema)
  const columns: Record<string, unknown> = getTableColumns(table)
  if (!names.includes(owner)) throw new Error(`the schema ${schema.$id} has no field ${owner}`)
  return Object.fromEntries(names.map((name) => [name, columns[name]])) as Pick<
    Columns<T>,
    keyof S['properties'] & keyof Columns<T>
  >
}

/** A placeholder for each field, with the field's name. */
export const placeholdersFor = <S extends TObject>(fields: readonly string[]) =>
  Object.fromEntries(fields.map((field) => [field, sql.placeholder(field)])) as Record<
    keyof S['properties'],
    Placeholder
  >

/**
 * Prepares a statement for each combination of fields when it first occurs. Absent fields keep their value,
 * or get the default of their column. The statement for all fields is prepared at start-up, so that a mistake
 * shows at once.
 */
export const preparePerFields = <S>(fields: readonly string[], prepare: (given: readonly string[]) => S) => {
  const statements = new Map([[fields.join(), prepare(fields)]])
  return (values: object): S => {
    const given = fields.filter((field) => field in values)
    const key = given.join()
    const known = statements.get(key) ?? prepare(given)
    statements.set(key, known)
    return known
  }
}
