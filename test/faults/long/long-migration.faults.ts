import { expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { startProcess } from '../support/process'
import { until } from '../support/time'

it('a migration that takes more than a minute is waited for, and sent once', async () => {
  const cluster = await startCluster()
  const holder = connectTo(cluster.url)
  // Whoever creates the same table waits for this transaction.
  await holder.unsafe('BEGIN; CREATE TABLE todo_backend_migrations (name text)')
  const service = await startProcess(cluster.url, { LOG_LEVEL: 'info' })
  const migrating = async () => {
    await holder`SELECT pg_stat_clear_snapshot()`
    const found = await holder`SELECT backend_start FROM pg_stat_activity WHERE wait_event_type = 'Lock'`
    return found.map(({ backend_start }) => String(backend_start))
  }
  await until('it waits', async () => (await migrating()).length === 1)
  const first = await migrating()
  const start = performance.now()
  await until(
    'a minute and more has passed',
    async () => {
      expect((await service.get('/health')).status).toBe(503)
      await Bun.sleep(500)
      return performance.now() - start > 65_000
    },
    70_000,
  )
  expect(await migrating()).toEqual(first)
  await holder.unsafe('ROLLBACK')
  await service.until('/health', 200)
  expect(service.output().match(/database migration started/g)).toHaveLength(1)
  expect(service.output()).toContain('database migration finished')
}, 120_000)
