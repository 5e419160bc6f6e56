import { getTableColumns, getTableName, type Column as ModelColumn, type Table } from 'drizzle-orm'
import { SchemaMismatch } from '../errors'

export interface Column {
  table: string
  name: string
  /** Its type, with `not null` and `with default` where they apply: `bigint not null with default`. */
  definition: string
}

/** The definition that a column has to have. No INSERT names an id, and those of Postgres omit what has a default. */
const definitionOf = (column: ModelColumn) => {
  const type = column.getSQLType().replace(' (', '(').replace(', ', ',')
  const typeInPostgres = type.replace(/^varchar$/, 'text').replace(/^varchar/, 'character varying')
  const needsDefault = column.primary || (column.hasDefault && column.columnType.startsWith('Pg'))
  return `${typeInPostgres}${column.notNull ? ' not null' : ''}${needsDefault ? ' with default' : ''}`
}

/**
 * The first difference between a table and its model. It may have more columns if an INSERT can omit them.
 *
 * @param mayLack tells which columns may be missing.
 */
export const compare = (
  model: Table,
  columns: readonly Column[],
  mayLack: (column: string) => boolean,
): SchemaMismatch | undefined => {
  const table = getTableName(model)
  const found = new Map(columns.map(({ name, definition }) => [name, definition]))
  for (const column of Object.values(getTableColumns(model))) {
    const expected = definitionOf(column)
    const actual = found.get(column.name)
    found.delete(column.name)
    const isAsExpected = actual === expected || actual === `${expected} with default`
    if (actual === undefined ? !mayLack(column.name) : !isAsExpected)
      return new SchemaMismatch(table, column.name, expected, actual ?? 'no such column')
  }
  for (const [name, actual] of found)
    if (actual.endsWith(' not null')) return new SchemaMismatch(table, name, 'null or a default', actual)
  return undefined
}
