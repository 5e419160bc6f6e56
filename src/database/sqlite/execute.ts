import type { Database, SQLQueryBindings } from 'bun:sqlite'
import { getTableColumns, getTableName } from 'drizzle-orm'
import type { Models } from '../../models'
import type { Row, Statement } from '../statement'

export type Execute = ReturnType<typeof createExecute>

/** The boolean columns of the table that a statement is about: SQLite has no booleans, and returns 0 and 1. */
const booleansIn = (sql: string, models: Models) => {
  const name = /\b(?:from|into|update)\s+"(\w+)"/i.exec(sql)?.[1]
  const table = Object.values(models).find((model) => getTableName(model) === name)
  const columns = table ? Object.values(getTableColumns(table)) : []
  return columns.filter(({ dataType }) => dataType === 'boolean').map((column) => column.name)
}

/** Returns the function that executes a statement: one with another `first` only if that returns rows. */
export const createExecute = (database: Database, models: Models) => {
  const prepared = new Map<Statement, ReturnType<typeof prepare>>()
  const prepare = (statement: Statement) => {
    const query = database.query<Row, SQLQueryBindings[]>(statement.sql)
    const added = { query, booleans: booleansIn(statement.sql, models) }
    prepared.set(statement, added)
    return added
  }

  const execute = (statement: Statement, values: Row): Row[] => {
    if (statement.first && execute(statement.first, values).length === 0) return []
    const { query, booleans } = prepared.get(statement) ?? prepare(statement)
    const rows = query.all(...(statement.parameters(values) as SQLQueryBindings[]))
    for (const row of rows)
      for (const name of booleans) if (typeof row[name] === 'number') row[name] = row[name] === 1
    statement.checkOwner(rows, values)
    return rows
  }
  return execute
}
