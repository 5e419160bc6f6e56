import type { Static, TObject } from '@sinclair/typebox'
import { getTableColumns } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'

/** The column that names the owner of a row. */
export const owner = 'user_id'

/** A table whose rows belong to users. */
export type UserTable = PgTable & { id: AnyPgColumn; user_id: AnyPgColumn }

/** A schema of fields that clients send. It does not compile if a field has another type than its column. */
export type FieldsOf<T extends PgTable, S extends TObject> = S &
  (Static<S> extends Partial<T['$inferInsert']> ? TObject : never)

/** The same for a new row, which also needs each column without a default. */
export type NewFieldsOf<T extends PgTable, S extends TObject> = S &
  (Static<S> & { [owner]: string } extends T['$inferInsert'] ? TObject : never)

/** The columns that a schema names, in its order. Throws Error if the table has no column for one of its fields. */
export const columnsOf = (table: PgTable, { $id, properties }: TObject) => {
  const columns: Record<string, AnyPgColumn> = getTableColumns(table)
  const names = Object.keys(properties)
  const unknown = names.filter((name) => !(name in columns))
  if (unknown.length > 0) throw new Error(`the schema ${$id} has fields without a column: ${unknown.join()}`)
  return Object.fromEntries(names.map((name) => [name, columns[name] as AnyPgColumn]))
}
