import type { Database, SQLQueryBindings, Statement } from 'bun:sqlite'
import { getTableColumns, getTableName } from 'drizzle-orm'
import type { Models } from '../../models'
import type { PreparedStatement, Row } from '../prepared-statement'

type Select = Statement<Row, SQLQueryBindings[]>

interface Prepared {
  select: Select
  /** The boolean columns of its rows, which SQLite returns as 0 and 1. */
  booleans: readonly string[]
}

/** Reads all rows, or those up to the first one after `maxBytes` bytes of text. */
const readRows = (query: Select, parameters: SQLQueryBindings[], maxBytes?: number): Row[] => {
  if (maxBytes === undefined) return query.all(...parameters)
  const rows: Row[] = []
  // UTF-16 units are counted, because a text has at least as many bytes.
  let units = 0
  for (const row of query.iterate(...parameters)) {
    rows.push(row)
    if (units >= maxBytes) break
    for (const value of Object.values(row)) if (typeof value === 'string') units += value.length
  }
  return rows
}

/** The table that a statement reads from or writes to. */
const tableIn = (sql: string) => /\b(?:from|into|update)\s+"(\w+)"/i.exec(sql)?.[1]

/** Returns the function from a statement to the boolean columns of its table: SQLite has no booleans. */
const booleanColumns = (models: Models) => {
  const byTable = new Map<string, readonly string[]>(
    Object.values(models).map((table) => {
      const columns = Object.values(getTableColumns(table))
      const booleans = columns.filter(({ dataType }) => dataType === 'boolean')
      return [getTableName(table), booleans.map(({ name }) => name)]
    }),
  )
  return (sql: string): readonly string[] => byTable.get(tableIn(sql) ?? '') ?? []
}

/**
 * Returns the function that executes a statement. One that has another statement before it (`first`) is executed
 * only if that returns rows.
 */
export const createExecutor = (database: Database, models: Models) => {
  const booleansIn = booleanColumns(models)
  const prepared = new Map<PreparedStatement, Prepared>()
  const prepare = (statement: PreparedStatement) => {
    const select: Select = database.query<Row, SQLQueryBindings[]>(statement.sql)
    const added = { select, booleans: booleansIn(statement.sql) }
    prepared.set(statement, added)
    return added
  }

  const execute = (statement: PreparedStatement, parameters: unknown[]) => {
    const { select, booleans } = prepared.get(statement) ?? prepare(statement)
    const rows = readRows(select, parameters as SQLQueryBindings[], statement.maxBytes)
    for (const name of booleans)
      if (rows[0] && name in rows[0])
        for (const row of rows) row[name] = row[name] === null ? null : row[name] === 1
    statement.checkOwner(rows, parameters)
    return rows
  }

  return (statement: PreparedStatement, parameters: unknown[]): Row[] => {
    const { first } = statement
    if (!first) return execute(statement, parameters)
    const before = execute(first, parameters.slice(0, first.parameterCount))
    return before.length > 0 ? execute(statement, parameters.slice(first.parameterCount)) : []
  }
}
