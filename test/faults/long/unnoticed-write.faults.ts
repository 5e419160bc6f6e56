import { expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { terminateOthers } from '../support/statements'
import { until } from '../support/time'

it('idle connections that the server has just closed cost nothing, three times over', async () => {
  const cluster = await startCluster()
  const service = await startServing(cluster.url)
  const alice = await service.as('alice')
  const admin = connectTo(cluster.url)
  for (let round = 0; round < 3; round++) {
    await Promise.all(Array.from({ length: 20 }, () => alice.get('/api/tasks')))
    service.kill('SIGSTOP')
    await terminateOthers(admin)
    const asking = Promise.all([
      alice.post('/api/tasks', { title: `${round}` }),
      alice.get('/api/tasks'),
      service.get('/health'),
    ])
    // Idle for long enough that a pool counts as idle; the requests have arrived meanwhile, too.
    await Bun.sleep(1200)
    service.kill('SIGCONT')
    expect((await asking).map(({ status }) => status)).toEqual([201, 200, 200])
  }
  expect((await alice.get('/api/tasks')).body.data).toHaveLength(3)
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)

it('single connections that the server closed while others were in use cost nothing', async () => {
  const cluster = await startCluster()
  const service = await startServing(cluster.url)
  const alice = await service.as('alice')
  const admin = connectTo(cluster.url)
  const own = `application_name = 'todo-backend'`
  const idle = `${own} AND state_change < now() - interval '1.1 s'`
  for (let round = 0; round < 3; round++) {
    await until('all connections are open', async () => {
      await Promise.all(Array.from({ length: 40 }, () => alice.get('/api/tasks')))
      return (await admin.unsafe(`SELECT FROM pg_stat_activity WHERE ${own}`)).length >= 10
    })
    await until('the others are idle', async () => {
      expect((await alice.get('/api/tasks')).status).toBe(200)
      const found = await admin.unsafe(`SELECT FROM pg_stat_activity WHERE ${idle}`)
      return found.length >= 9
    })
    service.kill('SIGSTOP')
    await admin.unsafe(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${idle}`)
    const writing = Promise.all(
      Array.from({ length: 4 }, () => alice.post('/api/tasks', { title: `${round}` })),
    )
    // For the requests to arrive while nobody looks.
    await Bun.sleep(200)
    service.kill('SIGCONT')
    expect((await writing).map(({ status }) => status)).toEqual([201, 201, 201, 201])
  }
  expect((await alice.get('/api/tasks')).body.data).toHaveLength(12)
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)
