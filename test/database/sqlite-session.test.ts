import { expect, it } from 'bun:test'
import { StatementNotSent } from '../../src/database'
import { createStateLog } from '../../src/database/session'
import { openSQLite } from '../../src/database/sqlite/session'
import { prepareStatement } from '../../src/database/statement'
import { deadlineIn } from '../../src/database/time'
import { defineModels } from '../../src/models'
import { sqlite } from '../../src/models/dialects/sqlite'
import { cleanUp } from '../support/cleanup'

it('a long page that gets its turn after its deadline is not read', async () => {
  const state = createStateLog('test', () => {})
  const models = defineModels(sqlite)
  const session = await openSQLite({ path: ':memory:', models, state, onMigration() {} })
  cleanUp(session.close)
  const toSQL = () => ({ sql: 'select 1 as one', params: [] })
  const page = prepareStatement({ _: { result: [] }, isLong: true, toSQL }, null)
  expect(await session.run(page, {}, deadlineIn(1000))).toEqual([{ one: 1 }])
  expect(await session.run(page, {}, deadlineIn(-1)).catch((error) => error)).toBeInstanceOf(StatementNotSent)
})
