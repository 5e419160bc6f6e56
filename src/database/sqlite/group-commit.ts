import type { Database } from 'bun:sqlite'
import type { Row, Statement } from '../statement'
import type { Execute } from './execute'

const createWrite = (statement: Statement, values: Row) => ({
  statement,
  values,
  ...Promise.withResolvers<Row[]>(),
})

/**
 * Commits all writes of one turn of the event loop together: one commit instead of one for each of them.
 * No write is acknowledged before it is committed, and none fails because of another one.
 */
export const createGroupCommit = (database: Database, execute: Execute) => {
  const group: ReturnType<typeof createWrite>[] = []

  const inTransaction = database.transaction((writes: typeof group) =>
    writes.map(({ statement, values }) => execute(statement, values)),
  )

  const commit = (writes: typeof group) => {
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

  return (statement: Statement, values: Row) => {
    if (group.length === 0) setImmediate(() => commit(group.splice(0)))
    const write = createWrite(statement, values)
    group.push(write)
    return write.promise
  }
}
