import { expect, it } from 'bun:test'
import { until } from '../faults/support/time'
import { connectTo, freshDatabase } from '../support/databases'

it('postgres.js keeps nothing of a statement that failed', async () => {
  const sql = connectTo(await freshDatabase('Postgres'))
  const fail = async () => {
    const query = sql.unsafe('SELECT 1 / 0')
    const { strings } = query as unknown as { strings: string[] }
    await expect(query).rejects.toMatchObject({ code: '22012' })
    return new WeakRef(strings)
  }
  const failed = await Promise.all(Array.from({ length: 100 }, fail))
  const areCollected = () => {
    Bun.gc(true)
    // All but a few: the collector takes what it finds on the stack for references.
    return failed.filter((strings) => strings.deref()).length <= 10
  }
  await until('they are collected', areCollected, 3000)
})
