import { expect } from 'bun:test'
import type { Sql } from 'postgres'
import { startProcess } from './process'
import { until } from './time'

/** The lock under which every replica changes the schema. */
const lock = 'SELECT pg_advisory_xact_lock(7301984655)'

/**
 * Shows that a service which starts while another replica migrates waits for as long as that takes, and
 * serves then.
 */
export const expectWaitsForMigration = async (url: string, holder: Sql, milliseconds: number) => {
  await holder.unsafe(`BEGIN; ${lock}`)
  const service = await startProcess(url, { LOG_LEVEL: 'info' })
  const waiting = async () => {
    await holder`SELECT pg_stat_clear_snapshot()`
    const found = await holder`SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`
    return found.map(({ pid }) => pid)
  }
  await until('it waits', async () => (await waiting()).length === 1)
  const [pid] = await waiting()
  const alice = await service.as('alice')
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    expect((await service.get('/health')).status).toBe(503)
    expect((await alice.get('/api/tasks')).status).toBe(503)
    // The same backend all the while, and no other: nothing was sent again.
    expect(await waiting()).toEqual([pid])
    await Bun.sleep(200)
  }
  await holder.unsafe('COMMIT')
  await until('it serves', async () => (await service.get('/health')).status === 200, 5000)
  expect((await alice.post('/api/tasks', { title: 'x' })).status).toBe(201)
  const events = service.output().match(/database migration (started|finished)/g)
  expect(events).toEqual(['database migration started', 'database migration finished'])
}
