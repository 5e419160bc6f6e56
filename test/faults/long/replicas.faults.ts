import { expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { startCluster } from '../support/cluster'
import { startProcess } from '../support/process'

const rounds = 20
const count = 8

it('eight replicas that boot at once on an empty database all serve, twenty times over', async () => {
  const cluster = await startCluster({ max_connections: '200' })
  const admin = connectTo(cluster.url)
  for (let round = 0; round < rounds; round++) {
    await admin.unsafe(`CREATE DATABASE round_${round}`)
    const url = cluster.urlOf(`round_${round}`)
    const replicas = await Promise.all(Array.from({ length: count }, () => startProcess(url)))
    await Promise.all(replicas.map((replica) => replica.until('/health', 200)))
    const writes = replicas.map(async (replica) =>
      (await replica.as('alice')).post('/api/tasks', { title: 'Milk' }),
    )
    expect((await Promise.all(writes)).map(({ status }) => status)).toEqual(Array(count).fill(201))
    for (const { unexpectedOutput } of replicas) expect(unexpectedOutput).toEqual([])
    for (const replica of replicas) replica.kill('SIGKILL')
    await Promise.all(replicas.map((replica) => replica.exited()))
    const database = connectTo(url)
    const applied = await database`SELECT name FROM todo_backend_migrations`
    expect(new Set(applied.map(({ name }) => name)).size).toBe(applied.length)
    expect(await database`SELECT id FROM tasks`).toHaveLength(count)
    await database.end()
  }
}, 300_000)
