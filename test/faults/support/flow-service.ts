import type { Client } from '../../support/client'
import { startCluster } from './cluster'
import { createFlows } from './flows'
import { startServing } from './process'
import { until } from './time'

/** The connections of a service's pool, unless its environment says otherwise. */
export const poolMax = 10

/** A service whose connections to Postgres can fail one by one. */
export const startOnFlows = async (timeout: number) => {
  const cluster = await startCluster()
  const flows = await createFlows(cluster.port)
  const service = await startServing(flows.url, { DATABASE_TIMEOUT_MS: String(timeout) })
  const alice = await service.as('alice')
  const ofPool = () => flows.open().filter(({ isOfPool }) => isOfPool)
  const readAtOnce = async (count: number) => {
    const reads = await Promise.all(Array.from({ length: count }, () => alice.get('/api/tasks')))
    return reads.map(({ status }) => status)
  }
  /** Has the pool open so many connections or more. */
  const openAtLeast = (count: number) =>
    until('the connections are open', async () => {
      await readAtOnce(count === poolMax ? 4 * count : count)
      return ofPool().length >= count
    })
  return { cluster, flows, service, alice, ofPool, readAtOnce, openAtLeast }
}

/** Reads, and now and then writes; keeps the statuses of the answers. */
export const createRequests = (client: Client) => {
  const statuses: number[] = []
  let count = 0
  const ask = async () => {
    const isWrite = count++ % 5 === 0
    const { status } = await (isWrite ? client.post('/api/tasks', { title: 'x' }) : client.get('/api/tasks'))
    statuses.push(status)
  }
  return { ask, statuses }
}
