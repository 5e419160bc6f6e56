import { expect, it } from 'bun:test'
import { connectTo } from '../support/databases'
import { startCluster } from './support/cluster'
import { startServing } from './support/process'
import { terminateOthers } from './support/statements'

it('idle connections that the server ends cost nothing where nobody had the time to notice, three times over', async () => {
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
  expect(service.complaints).toEqual([])
}, 30_000)
