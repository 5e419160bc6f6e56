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
export const createGroupCommit = (database: Database, execute: Execute): typeof write => {
  let group: Write[] = []

  const inTransaction = database.transaction((writes: Write[]) =>
    writes.map(({ statement, values }) => execute(statement, values)),
  )

  const commit = (writes: Write[]) => {
    try {
      // One that a failed ROLLBACK left open would include all later writes, and never commit them.
      if (database.inTransaction) database.run('ROLLBACK')
      const results = inTransaction.immediate(writes)
      for (const [index, rows] of results.entries()) writes[index]?.resolve(rows)
    } catch (error) {
      if (writes.length === 1) writes[0]?.reject(error)
      // One of them failed and all were rolled back, so each is executed by itself.
      else for (const write of writes) commit([write])
    }
  }

  const write = (statement: Statement, values: Row) => {
    const { promise, resolve, reject } = Promise.withResolvers<Row[]>()
    group.push({ statement, values, resolve, reject })
    if (group.length === 1)
      setImmediate(() => {
        const writes = group
        group = []
        commit(writes)
      })
    return promise
  }
  return write
}
