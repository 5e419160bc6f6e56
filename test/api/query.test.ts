import { describe, expect, it } from 'bun:test'
import { startService } from '../support/service'

const problem = (name: string, message: unknown) => ({ in: 'query', path: `/${name}`, message })
const once = (name: string) => problem(name, 'must appear only once')
const unknown = (name: string) => problem(name, expect.stringMatching(/^is unknown: /))

const lists = ['/api/tasks', '/api/conversations', '/api/conversations/1/messages']

const withConversation = async () => {
  const service = await startService('SQLite')
  const alice = await service.as('alice')
  expect((await alice.post('/api/conversations')).body.id).toBe(1)
  return { service, alice }
}

describe('a query parameter', () => {
  it.each(lists)('of GET %s must appear only once', async (path) => {
    const { alice } = await withConversation()
    for (const [query, problems] of [
      ['limit=1&limit=2', [once('limit')]],
      ['limit=1&limit=1', [once('limit')]],
      ['limit=1&limit=x', [once('limit')]],
      ['limit&limit', [once('limit')]],
      ['limit=1&limi%74=2', [once('limit')]],
      ['cursor=MQ&limit=1&cursor=Mg', [once('cursor')]],
      ['cursor=MQ&limit=1&cursor=Mg&limit=2&limit=3', [once('limit'), once('cursor')]],
      ['limit=1&x=3&limit=2', [unknown('x'), once('limit')]],
      ['x=1&x=2', [unknown('x')]],
    ] as const) {
      const { status, body } = await alice.get(`${path}?${query}`)
      expect([query, status, body.errors]).toEqual([query, 422, problems])
    }
  })

  it.each(lists)('of GET %s that is unknown is named, in any spelling', async (path) => {
    const { alice } = await withConversation()
    for (const [query, name] of [
      ['page=2', 'page'],
      ['offset=50', 'offset'],
      ['status=completed', 'status'],
      ['search=milk', 'search'],
      ['Limit=1', 'Limit'],
      ['limit%00=1', 'limit\0'],
      ['limit[]=1', 'limit[]'],
      ['limit+=1', 'limit '],
      ['=1', ''],
      ['x', 'x'],
      ['%C3%A4=1', 'ä'],
      ['__proto__=1', '__proto__'],
      ['constructor=1', 'constructor'],
      ['toString=1', 'toString'],
    ] as const) {
      const { status, body } = await alice.get(`${path}?${query}`)
      expect([query, status, body.errors]).toEqual([query, 422, [unknown(name)]])
      expect(body.detail).toStartWith(`${name || 'The query'} is unknown: the parameters are limit, cursor`)
    }
  })

  it('is named as a JSON pointer in errors, and as it is in the detail', async () => {
    const { alice } = await withConversation()
    const { body } = await alice.get('/api/tasks?a%2Fb~c=1')
    expect(body.errors).toEqual([unknown('a~1b~0c')])
    expect(body.detail).toStartWith('a/b~c is unknown')
  })

  it('is refused together with all other problems of the query', async () => {
    const { alice } = await withConversation()
    const { body } = await alice.get('/api/tasks?completed=true&completed=false&limit=0&page=2')
    expect(body.errors).toHaveLength(3)
    expect(body.errors).toEqual(
      expect.arrayContaining([
        once('completed'),
        unknown('page'),
        problem('limit', 'must be an integer from 1 to 100'),
      ]),
    )
  })

  it('is not looked at before the path, nor after the body', async () => {
    const { alice } = await withConversation()
    const ofPath = await alice.get('/api/conversations/x/messages?limit=1&limit=2&cursor=-&page=2')
    expect(ofPath.body.errors).toEqual([{ in: 'path', path: '/id', message: 'must be an integer' }])
    const ofQuery = await alice.post('/api/tasks?dry_run=1', {})
    expect(ofQuery.body.errors).toEqual([unknown('dry_run')])
  })

  it('is unknown to every route under /api that declares none, which then does nothing', async () => {
    const { service, alice } = await withConversation()
    await alice.post('/api/tasks', { title: 'Milk' })
    const { paths } = (await service.get('/openapi.json')).body
    const operations = Object.keys(paths)
      .filter((path) => path.startsWith('/api'))
      .flatMap((path) => Object.keys(paths[path]).map((method) => [method.toUpperCase(), path] as const))
    expect(operations.length).toBeGreaterThan(11)
    for (const [method, path] of [...operations, ['HEAD', '/api/tasks'] as const]) {
      const body = ['POST', 'PATCH'].includes(method) ? { title: 'x' } : undefined
      const answer = await alice.send(method, `${path.replace('{id}', '1')}?dry_run=true`, body)
      expect([method, path, answer.status]).toEqual([method, path, 422])
    }
    expect((await alice.get('/api/tasks')).body.data).toMatchObject([{ id: 1, title: 'Milk' }])
    expect((await alice.get('/api/conversations/1')).status).toBe(200)
  })

  it('is ignored by open routes', async () => {
    const { service } = await withConversation()
    for (const path of ['/health', '/health/live', '/openapi.json', '/docs'])
      expect([path, (await service.get(`${path}?x=1&x=2`)).status]).toEqual([path, 200])
  })

  it('may be followed by nothing', async () => {
    const { alice } = await withConversation()
    for (const query of ['?', '?&', '?limit=1&', '?&limit=1&&'])
      expect([query, (await alice.get(`/api/tasks${query}`)).status]).toEqual([query, 200])
  })

  it('costs little, however many there are', async () => {
    const { alice } = await withConversation()
    const start = performance.now()
    for (const query of [
      Array.from({ length: 2500 }, (_, index) => `x${index}`).join('&'),
      'limit&'.repeat(2500),
    ]) {
      const { status, body } = await alice.get(`/api/tasks?${query}`)
      expect(status).toBe(422)
      expect(body.errors.length).toBeLessThanOrEqual(64)
    }
    expect(performance.now() - start).toBeLessThan(2000)
  })
})
