import { describe, expect, it } from 'bun:test'
import { startService } from '../support/service'

const once = (name: string) => ({ in: 'query', path: `/${name}`, message: 'must appear only once' })

const lists = ['/api/tasks', '/api/conversations', '/api/conversations/1/messages']

const withConversation = async () => {
  const service = await startService('SQLite')
  const alice = await service.as('alice')
  expect((await alice.post('/api/conversations')).body.id).toBe(1)
  return alice
}

describe('a query parameter', () => {
  it.each(lists)('of GET %s must appear only once', async (path) => {
    const alice = await withConversation()
    for (const [query, names] of [
      ['limit=1&limit=2', ['limit']],
      ['limit=1&limit=1', ['limit']],
      ['limit=1&x=3&limit=x', ['limit']],
      ['limit&limit', ['limit']],
      ['limit=1&limi%74=2', ['limit']],
      ['cursor=MQ&limit=1&cursor=Mg', ['cursor']],
      ['cursor=MQ&limit=1&cursor=Mg&limit=2&limit=3', ['limit', 'cursor']],
    ] as const) {
      const { status, body } = await alice.get(`${path}?${query}`)
      expect([query, status, body.errors]).toEqual([query, 422, names.map(once)])
    }
  })

  it('is reported with all other problems of its request', async () => {
    const alice = await withConversation()
    const tasks = await alice.get('/api/tasks?completed=true&completed=false&limit=0')
    expect(tasks.body.errors).toEqual([
      once('completed'),
      { in: 'query', path: '/limit', message: 'must be an integer from 1 to 100' },
    ])
    const messages = await alice.get('/api/conversations/x/messages?limit=1&limit=2&cursor=-')
    expect(messages.body.errors).toEqual([
      { in: 'path', path: '/id', message: 'must be an integer' },
      once('limit'),
      { in: 'query', path: '/cursor', message: 'must be the next_cursor or last_cursor of a page' },
    ])
  })

  it('that no route declares is ignored, however often it comes', async () => {
    const alice = await withConversation()
    for (const query of [
      'x=1&x=2',
      'limit=1&limit[]=2',
      'limit=1&LIMIT=2',
      'limit=1&',
      '__proto__=1&__proto__=2',
    ])
      expect([query, (await alice.get(`/api/tasks?${query}`)).status]).toEqual([query, 200])
    const { body: made } = await alice.post('/api/tasks?limit=1&limit=2', { title: 'Milk' })
    expect((await alice.get(`/api/tasks/${made.id}?limit=1&limit=2`)).status).toBe(200)
  })
})
