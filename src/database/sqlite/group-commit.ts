import type { Database } from 'bun:sqlite'
import type { Row, Statement } from '../statement'
import type { Execute } from './execute'

interface Write {
  statement: Statement
  values: Row
  resolve(rows: Row[]): void
  reject(error: unknown): void
}

/**
 * Commits all writes of one turn of the event loop together: one commit instead of one for each of them.
 * No write is acknowledged before it is committed, and none fails because of another one.
 */
export const createGroupCommit = (database: Database, execute: Execute) => {
  let group: Write[] = []

  const inTransaction = database.transaction((writes: Write[]) =>
    writes.map(({ statement, values }) => execute(statement, values)),
  )

  /** One statement alone is a transaction by itself, which saves a tenth of the time of an add. */
  const execution = (writes: Write[]) => {
    const [first] = writes
    const isAlone = writes.length === 1 && first !== undefined && !first.statement.first
    return isAlone ? [execute(first.statement, first.values)] : inTransaction.immediate(writes)
  }

  const commit = (writes: Write[]) => {
    try {
      // One that a failed ROLLBACK left open would include all later writes, and never commit them.
      if (database.inTransaction) database.run('ROLLBACK')
      const results = execution(writes)
      for (const [index, rows] of results.entries()) writes[index]?.resolve(rows)
    } catch (error) {
      if (writes.length === 1) writes[0]?.reject(error)
      // One of them failed and all were rolled back, so each is executed by itself.
      else for (const write of writes) commit([write])
    }
  }

  const commitGroup = () => {
    const writes = group
    group = []
    commit(writes)
  }

  return (statement: Statement, values: Row) =>
    new Promise<Row[]>((resolve, reject) => {
      if (group.push({ statement, values, resolve, reject }) === 1) setImmediate(commitGroup)
    })
}
