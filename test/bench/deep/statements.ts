import type { Database, Prepared } from '../../../src/database'
import { type PreparedStatement, prepareStatement } from '../../../src/database/prepared-statement'
import { defineModels } from '../../../src/models'
import { postgres } from '../../../src/models/dialects/postgres'
import type { BuiltQuery } from '../../../src/models/dialects/query'
import { sqlite } from '../../../src/models/dialects/sqlite'
import { createTaskStore } from '../../../src/stores/tasks'
import type { Dialect } from '../kit/databases'

/** The statements by which the service itself lists tasks: unfiltered, then filtered. */
export const listStatements = (name: Dialect): PreparedStatement[] => {
  const dialect = name === 'sqlite' ? sqlite : postgres
  const statements: PreparedStatement[] = []
  const recorder: Partial<Database> = {
    dialect,
    models: defineModels(dialect),
    deadline: () => 0,
    prepare<Q extends BuiltQuery>(query: Q): Prepared<Q> {
      statements.push(prepareStatement(query, null))
      return () => {
        throw new Error('these statements are only looked at')
      }
    },
  }
  createTaskStore(recorder as Database)
  return statements.filter(({ sql }) => /\border by\b/i.test(sql))
}
