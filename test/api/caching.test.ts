import { expect, it } from 'bun:test'
import type { Answer } from '../support/client'
import { dialects, freshDatabase, tamper } from '../support/databases'
import { startService } from '../support/service'

const protections = ({ status, headers }: Answer) => [
  status,
  headers.get('cache-control'),
  headers.get('x-content-type-options'),
]

const protectedWith = (status: number) => [status, 'no-store', 'nosniff']

it.each(dialects)('no answer under /api may be cached or taken for another type, on %s', async (dialect) => {
  const url = await freshDatabase(dialect)
  const service = await startService(dialect, { DATABASE_URL: url })
  const alice = await service.as('alice')
  const { body: made } = await alice.post('/api/tasks', { title: 'Milk' })
  const answers: [number, Answer][] = [
    [200, await alice.get('/api/me')],
    [200, await alice.get('/api/tasks?limit=1')],
    [200, await alice.get(`/api/tasks/${made.id}`)],
    [200, await alice.send('HEAD', '/api/tasks')],
    [201, await alice.post('/api/conversations')],
    [204, await alice.delete(`/api/tasks/${made.id}`)],
    [204, await alice.send('OPTIONS', '/api/tasks')],
    [400, await alice.post('/api/tasks', '{')],
    [401, await service.get('/api/tasks')],
    [401, await service.get('/api')],
    [401, await service.get('/api/nowhere')],
    [404, await alice.get('/api')],
    [404, await alice.get('/api?x')],
    [404, await alice.get('/api/nowhere')],
    [404, await alice.get(`/api/tasks/${made.id}`)],
    [405, await alice.send('PUT', '/api/tasks')],
    [413, await alice.post('/api/tasks', 'x'.repeat(2 * 1024 * 1024))],
    [415, await alice.post('/api/tasks', 'x', { 'content-type': 'text/plain' })],
    [422, await alice.get('/api/tasks?limit=0')],
  ]
  await tamper(url, 'ALTER TABLE tasks DROP COLUMN description')
  answers.push([500, await alice.post('/api/tasks', { title: 'Bread' })])
  for (const [status, answer] of answers) expect(protections(answer)).toEqual(protectedWith(status))
})

it('a 503 under /api may not be cached', async () => {
  const service = await startService('SQLite', { BETTER_AUTH_JWKS_URL: 'http://127.0.0.1:9/jwks' })
  const token = 'eyJhbGciOiJFZERTQSJ9.e30.AAAA'
  const answer = await service.get('/api/me', { authorization: `Bearer ${token}` })
  expect(protections(answer)).toEqual(protectedWith(503))
})

it('responses outside /api without data of a user may be cached', async () => {
  const service = await startService('SQLite')
  for (const [path, expected] of [
    ['/apis', 404],
    ['/docs/start.js', 200],
    ['/openapi.json?x=/api/', 200],
  ] as const) {
    const { status, headers } = await service.get(path)
    expect([path, status]).toEqual([path, expected])
    expect(headers.get('cache-control')).not.toBe('no-store')
  }
})
