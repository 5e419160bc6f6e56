import { expect, it } from 'bun:test'
import { createClient } from '../../support/client'
import { tokenOf } from '../../support/tokens'
import { startBalancer } from '../support/balancer'
import { startCluster } from '../support/cluster'
import { missing, startLoad, statusesOf } from '../support/load'
import { startServing } from '../support/process'

it('replacing two replicas behind a proxy, one after the other, loses no request', async () => {
  const cluster = await startCluster()
  let replicas = await Promise.all([startServing(cluster.url), startServing(cluster.url)])
  const ports = () => replicas.map(({ port }) => port)
  const balancer = await startBalancer(ports())
  const alice = createClient(balancer.url, { authorization: `Bearer ${await tokenOf('alice')}` })
  const load = startLoad(alice, 16)
  for (let round = 0; round < 6; round++) {
    await load.waitForSuccesses(200)
    const [old, ...others] = replicas
    replicas = [...others, await startServing(cluster.url)] as typeof replicas
    // The signal comes first, as where a proxy learns of it only from what it sees.
    old.kill('SIGTERM')
    balancer.use(ports())
    expect(await old.exited()).toBe(0)
    expect(old.unexpectedOutput).toEqual([])
  }
  const samples = await load.stop()
  expect(statusesOf(samples)).toEqual([200, 201])
  expect(await missing(alice, samples)).toEqual([])
}, 120_000)
