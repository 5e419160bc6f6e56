import { expect, it } from 'bun:test'
import { connectTo } from '../support/databases'
import { startCluster } from './support/cluster'
import { createFlows } from './support/flows'
import { startServing } from './support/process'
import { until } from './support/time'

it('a write whose connection is reset after Postgres has stored it is not sent again', async () => {
  const cluster = await startCluster()
  const flows = await createFlows(cluster.port)
  const service = await startServing(flows.url, { DATABASE_POOL_MAX: '1' })
  const alice = await service.as('alice')
  const admin = connectTo(cluster.url)
  const { body: conversation } = await alice.post('/api/conversations')
  const path = `/api/conversations/${conversation.id}/messages`
  const writes = {
    tasks: () => alice.post('/api/tasks', { title: 'once' }),
    messages: () => alice.post(path, { role: 'user', content: 'once' }),
    conversations: () => alice.post('/api/conversations'),
  }
  const countOf = async (table: string) =>
    Number((await admin.unsafe(`SELECT count(*) AS count FROM ${table}`))[0]?.count)
  for (const [table, write] of Object.entries(writes)) {
    // The statement is prepared: from here on it is one message.
    expect((await write()).status).toBe(201)
    expect((await alice.get('/api/tasks')).status).toBe(200)
    const before = await countOf(table)
    for (const flow of flows.open()) if (flow.isOfPool) flow.resetAfter(1)
    expect([table, (await write()).status]).toEqual([table, 503])
    await until('it is stored', async () => (await countOf(table)) > before)
    // One that is sent again comes by the time that the next is answered.
    expect((await write()).status).toBe(201)
    expect([table, await countOf(table)]).toEqual([table, before + 2])
  }
  expect(service.unexpectedOutput).toEqual([])
}, 30_000)
