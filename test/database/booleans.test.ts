import { expect, it } from 'bun:test'
import { eq, sql } from 'drizzle-orm'
import { createStateLog } from '../../src/database/session'
import { openSQLite } from '../../src/database/sqlite/session'
import { prepareStatement } from '../../src/database/statement'
import { defineModels } from '../../src/models'
import { sqlite } from '../../src/models/dialects/sqlite'
import { cleanUp } from '../support/cleanup'

/** Two tables with a column of the same name, which is a boolean in one of them alone. */
const flags = sqlite.table('flags', { id: sqlite.id(), value: sqlite.boolean() })
const counts = sqlite.table('counts', { id: sqlite.id(), value: sqlite.reference() })

it('SQLite returns booleans for the boolean columns of the table that a statement is about, and null', async () => {
  const models = Object.assign(defineModels(sqlite), { flags, counts })
  const state = createStateLog('test', () => {})
  const session = await openSQLite({ path: ':memory:', models, state, onMigration() {} })
  cleanUp(() => session.close())
  const run = (built: Parameters<typeof prepareStatement>[0]) => {
    const statement = prepareStatement(built, null)
    return session.run(statement, {}, performance.now() + 1000)
  }
  for (const table of ['flags', 'counts'])
    await run({
      _: { result: [] },
      toSQL: () => ({ sql: `create table ${table} (id integer primary key, value integer)`, params: [] }),
    })
  const query = sqlite.queryBuilder()
  const values = [{ value: sql`1` }, { value: sql`0` }, { value: sql`null` }]
  const [yes, no, nothing] = [true, false, null]

  expect(await run(query.insert(flags).values(values).returning({ value: flags.value }))).toEqual(
    [yes, no, nothing].map((value) => ({ value })),
  )
  expect(await run(query.insert(counts).values(values).returning({ value: counts.value }))).toEqual(
    [1, 0, nothing].map((value) => ({ value })),
  )
  expect(await run(query.select().from(flags).where(eq(flags.id, 1)))).toEqual([{ id: 1, value: yes }])
  expect(await run(query.select().from(counts).where(eq(counts.id, 1)))).toEqual([{ id: 1, value: 1 }])
  const clear = { value: sql`0` } as never
  expect(await run(query.update(flags).set(clear).where(eq(flags.id, 1)).returning())).toEqual([
    { id: 1, value: no },
  ])
  expect(await run(query.delete(counts).where(eq(counts.id, 1)).returning())).toEqual([{ id: 1, value: 1 }])
})
