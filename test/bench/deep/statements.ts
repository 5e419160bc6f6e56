import type { Database, Prepared } from '../../../src/database'
import { prepareStatement, type Statement } from '../../../src/database/statement'
import { defineModels } from '../../../src/models'
import { postgres } from '../../../src/models/dialects/postgres'
import type { BuiltQuery } from '../../../src/models/dialects/query'
import { sqlite } from '../../../src/models/dialects/sqlite'
import { createTaskStore } from '../../../src/stores/tasks'
import type { Dialect } from '../kit/databases'

/** The statements by which the service itself lists tasks: unfiltered, then filtered. */
export const listStatements = (name: Dialect): Statement[] => {
  const dialect = name === 'sqlite' ? sqlite : postgres
  const statements: Statement[] = []
  const recorder: Partial<Database> = {
    dialect,
    models: defineModels(dialect),
    deadline: () => 0,
    prepare<Q extends BuiltQuery>(query: Q): Prepared<Q> {
      statements.push(prepareStatement(query, null))
      return () => Promise.reject(new Error('these statements are only looked at'))
    },
  }
  const { list } = createTaskStore(recorder as Database)('nobody')
  // A statement is prepared when its filters first occur.
  for (const filters of [{}, { completed: true }]) list(filters).catch(() => {})
  return statements.filter(({ sql }) => /\border by\b/i.test(sql))
}
