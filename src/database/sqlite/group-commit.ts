import type { Database } from 'bun:sqlite'
import type { PreparedStatement, Row } from '../prepared-statement'

type Execute = (statement: PreparedStatement, parameters: unknown[]) => Row[]

interface Write {
  statement: PreparedStatement
  parameters: unknown[]
  resolve(rows: Row[]): void
  reject(error: unknown): void
}

/**
 * Commits all writes of one turn of the event loop together: one commit instead of one for each of them.
 * No write is acknowledged before it is committed, and none fails because of another one.
 */
export const createGroupCommit = (database: Database, execute: Execute) => {
  let group: Write[] = []

  const together = database.transaction((writes: Write[]) =>
    writes.map(({ statement, parameters }) => execute(statement, parameters)),
  )
  /** A transaction that a failed ROLLBACK left open would include all later writes, and never commit them. */
  const endTransaction = () => {
    if (database.inTransaction) database.run('ROLLBACK')
  }
  const alone = (write: Write) => {
    const { statement, parameters, resolve, reject } = write
    try {
      endTransaction()
      // Two statements need a transaction even without other writes.
      const [rows = []] = statement.first ? together.immediate([write]) : [execute(statement, parameters)]
      resolve(rows)
    } catch (error) {
      reject(error)
    }
  }

  const commit = () => {
    const writes = group
    group = []
    if (writes.length === 1) return writes.forEach(alone)
    let results: Row[][]
    try {
      endTransaction()
      results = together.immediate(writes)
    } catch {
      // One of them failed and all were rolled back, so each is executed by itself.
      return writes.forEach(alone)
    }
    for (const [index, rows] of results.entries()) writes[index]?.resolve(rows)
  }

  return (statement: PreparedStatement, parameters: unknown[]) =>
    new Promise<Row[]>((resolve, reject) => {
      if (group.push({ statement, parameters, resolve, reject }) === 1) setImmediate(commit)
    })
}
