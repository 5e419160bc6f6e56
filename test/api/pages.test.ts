import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import type { Client } from '../support/client'
import { dialects } from '../support/databases'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

interface Row {
  id: number
}

const walk = async (client: Client, path: string, limit: number, between = async () => {}) => {
  const ids: number[] = []
  let cursor: string | null = null
  do {
    const after: string = cursor === null ? '' : `&cursor=${cursor}`
    const { status, body } = await client.get(`${path}?limit=${limit}${after}`)
    expect(status).toBe(200)
    expect(body.data.length).toBeLessThanOrEqual(limit)
    ids.push(...body.data.map(({ id }: Row) => id))
    cursor = body.next_cursor
    await between()
  } while (cursor !== null)
  return ids
}

const addTasks = async (client: Client, count: number) => {
  const ids: number[] = []
  for (let index = 0; index < count; index++)
    ids.push((await client.post('/api/tasks', { title: `Task ${index}` })).body.id)
  return ids
}

describe.each(dialects)('pages on %s', (dialect) => {
  it('return every row once, newest first, whatever their size', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const mallory = await service.as('mallory')
    const ids = await addTasks(alice, 7)
    await addTasks(mallory, 2)
    for (const limit of [1, 2, 3, 7, 100])
      expect(await walk(alice, '/api/tasks', limit)).toEqual(ids.toReversed())
  })

  it('do not repeat or skip rows when others are added and deleted meanwhile', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const ids = await addTasks(alice, 6)
    const seen = await walk(alice, '/api/tasks', 2, async () => {
      const [added] = await addTasks(alice, 1)
      if (added !== undefined && added % 2 === 0) await alice.delete(`/api/tasks/${added}`)
    })
    expect(seen).toEqual(ids.toReversed())
  })

  it('have no next_cursor if the last one is exactly full', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    await addTasks(alice, 2)
    expect((await alice.get('/api/tasks?limit=2')).body.next_cursor).toBeNull()
    expect((await alice.get('/api/tasks?limit=1')).body.next_cursor).toBeString()
  })

  it('have 50 rows by default', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    await addTasks(alice, 51)
    const { body } = await alice.get('/api/tasks')
    expect(body.data).toHaveLength(50)
    expect((await alice.get(`/api/tasks?cursor=${body.next_cursor}`)).body.data).toHaveLength(1)
  })

  it('list conversations from the newest, and messages from the oldest', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const conversations: number[] = []
    for (let index = 0; index < 3; index++)
      conversations.push((await alice.post('/api/conversations')).body.id)
    expect(await walk(alice, '/api/conversations', 2)).toEqual(conversations.toReversed())
    const path = `/api/conversations/${conversations[0]}/messages`
    const messages: number[] = []
    for (let index = 0; index < 5; index++)
      messages.push((await alice.post(path, { role: 'user', content: `${index}` })).body.id)
    expect(await walk(alice, path, 2)).toEqual(messages)
  })

  it('report invalid limits, cursors and filters, all at once', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    for (const limit of ['0', '101', '-1', '1.5', '1e1', ' 1', '', 'ten', '0x10', '007'])
      expect((await alice.get(`/api/tasks?limit=${encodeURIComponent(limit)}`)).body.errors).toEqual([
        { in: 'query', path: '/limit', message: 'must be an integer from 1 to 100' },
      ])
    for (const cursor of [
      '',
      'x',
      '1',
      'MQ==',
      'LTE',
      'MA',
      'MS41',
      'MTIzNDU2Nzg5MDEyMzQ1Njc4OTA',
      "' OR 1=1",
    ])
      expect((await alice.get(`/api/tasks?cursor=${encodeURIComponent(cursor)}`)).status).toBe(422)
    const { body } = await alice.get('/api/tasks?limit=0&cursor=x&completed=1')
    expect(body.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      '/completed',
      '/cursor',
      '/limit',
    ])
  })
})
