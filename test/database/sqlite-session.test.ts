import { expect, it } from 'bun:test'
import { DatabaseUnavailable } from '../../src/database'
import { prepareStatement } from '../../src/database/prepared-statement'
import { connectSQLite } from '../../src/database/sqlite/session'
import { deadlineIn } from '../../src/database/time'
import { defineModels } from '../../src/models'
import { sqlite } from '../../src/models/dialects/sqlite'
import { cleanUp } from '../support/cleanup'

it('a long page that gets its turn after its deadline is not read', async () => {
  const session = await connectSQLite(':memory:', defineModels(sqlite), {
    isFirstConnection: true,
    onMigration() {},
  })
  cleanUp(session.close)
  const toSQL = () => ({ sql: 'select 1 as one', params: [] })
  const page = prepareStatement({ _: { result: [] }, maxBytes: 1000, toSQL }, null)
  expect(await session.query(page, [], deadlineIn(1000))).toEqual([{ one: 1 }])
  expect(await session.query(page, [], deadlineIn(-1)).catch((error) => error)).toBeInstanceOf(
    DatabaseUnavailable,
  )
})
