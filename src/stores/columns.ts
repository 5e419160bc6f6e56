import type { Static, TObject } from '@sinclair/typebox'
import { getTableColumns } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'

/** The column that names the owner of a row. */
export const owner = 'user_id'

/** A schema of fields that clients send. It does not compile if a field has another type than its column. */
export type FieldsOf<T extends PgTable, S extends TObject> = S &
  (Static<S> extends Partial<T['$inferInsert']> ? TObject : never)

/** The same for a new row, which also needs each column without a default. */
export type NewFieldsOf<T extends PgTable, S extends TObject> = S &
  (Static<S> & { [owner]: string } extends T['$inferInsert'] ? TObject : never)

/** The names of a schema's fields. Throws Error if the table has no column for one of them. */
export const namesOf = (table: PgTable | undefined, { $id, properties }: TObject): string[] => {
  if (table === undefined)
    throw new Error(`the table of the schema ${$id} is not one of the models in src/models/index.ts`)
  const columns = getTableColumns(table)
  const names = Object.keys(properties)
  const unknown = names.filter((name) => !(name in columns))
  if (unknown.length > 0) throw new Error(`the schema ${$id} has fields without a column: ${unknown.join()}`)
  return names
}

/** The names of the fields that clients send. */
export const fieldsOf = <T extends PgTable, S extends TObject>(table: T, schema: FieldsOf<T, S>) =>
  namesOf(table, schema)

/**
 * The columns that a response schema names; no others are ever read. Throws Error if one of them does not
 * exist, or if the schema lacks the owner, which every returned row is checked by.
 */
export const columnsOf = <T extends PgTable>(table: T, schema: TObject) => {
  const names = namesOf(table, schema)
  if (!names.includes(owner)) throw new Error(`the schema ${schema.$id} has no field ${owner}`)
  const columns = getTableColumns(table) as Record<string, AnyPgColumn>
  return Object.fromEntries(names.map((name) => [name, columns[name] as AnyPgColumn]))
}
