import type { Database, Statement as Query, SQLQueryBindings } from 'bun:sqlite'
import { getTableColumns, getTableName } from 'drizzle-orm'
import type { Models } from '../../models'
import type { Row, Statement } from '../statement'

export type Execute = (statement: Statement, values: Row) => Row[]

/** The names of the boolean columns of each table: SQLite has no booleans, and returns 0 and 1. */
const booleanColumns = (models: Models) =>
  new Map<string, string[]>(
    Object.values(models).map((table) => {
      const booleans = Object.values(getTableColumns(table)).filter(({ dataType }) => dataType === 'boolean')
      return [getTableName(table), booleans.map(({ name }) => name)]
    }),
  )

/** The table that a statement reads from or writes to. */
const tableIn = (sql: string) => /\b(?:from|into|update)\s+"(\w+)"/i.exec(sql)?.[1] ?? ''

/**
 * Returns the function that executes a statement. One that has another statement before it (`first`) is executed
 * only if that returns rows.
 */
export const createExecute = (database: Database, models: Models): Execute => {
  const booleansOf = booleanColumns(models)
  const prepared = new Map<Statement, { query: Query<Row, SQLQueryBindings[]>; booleans: string[] }>()
  const prepare = (statement: Statement) => {
    const query = database.query<Row, SQLQueryBindings[]>(statement.sql)
    const added = { query, booleans: booleansOf.get(tableIn(statement.sql)) ?? [] }
    prepared.set(statement, added)
    return added
  }

  const execute: Execute = (statement, values) => {
    if (statement.first && execute(statement.first, values).length === 0) return []
    const { query, booleans } = prepared.get(statement) ?? prepare(statement)
    const rows = query.all(...(statement.parameters(values) as SQLQueryBindings[]))
    for (const name of booleans)
      if (rows[0] && name in rows[0])
        for (const row of rows) row[name] = row[name] === null ? null : row[name] === 1
    statement.checkOwner(rows, values)
    return rows
  }
  return execute
}
