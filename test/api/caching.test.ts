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

it.each(dialects)('no answer may be cached or taken for another type, on %s', async (dialect) => {
  const url = await freshDatabase(dialect)
  const service = await startService(dialect, { DATABASE_URL: url, METRICS: 'true' })
  const alice = await service.as('alice')
  const { body: made } = await alice.post('/api/tasks', { title: 'Milk' })
  const answers: [number, Answer][] = [
    [200, await alice.get('/api/me')],
    [200, await alice.get('/api/tasks?limit=1')],
    [200, await alice.get(`/api/tasks/${made.id}`)],
    [200, await alice.send('HEAD', '/api/tasks')],
    [200, await service.get('/health')],
    [200, await service.get('/health/live')],
    [200, await service.get('/openapi.json?x=/docs')],
    [200, await service.get('/metrics')],
    [201, await alice.post('/api/conversations')],
    [204, await alice.delete(`/api/tasks/${made.id}`)],
    [204, await alice.send('OPTIONS', '/api/tasks')],
    [400, await alice.post('/api/tasks', '{')],
    [401, await service.get('/api/tasks')],
    [401, await service.post('/mcp', {})],
    [404, await service.get('/api/nowhere')],
    [404, await alice.get('/api')],
    [404, await alice.get('/docs/nowhere')],
    [404, await alice.get(`/api/tasks/${made.id}`)],
    [405, await alice.send('PUT', '/api/tasks')],
    [405, await alice.send('POST', '/docs')],
    [413, await alice.post('/api/tasks', 'x'.repeat(2 * 1024 * 1024))],
    [415, await alice.post('/api/tasks', 'x', { 'content-type': 'text/plain' })],
    [422, await alice.get('/api/tasks?limit=0')],
  ]
  await tamper(url, 'ALTER TABLE tasks DROP COLUMN description')
  answers.push([500, await alice.post('/api/tasks', { title: 'Bread' })])
  for (const [status, answer] of answers) expect(protections(answer)).toEqual(protectedWith(status))
})

it('a 503 may not be cached', async () => {
  const service = await startService(
    'SQLite',
    { BETTER_AUTH_JWKS_URL: 'http://127.0.0.1:9/jwks' },
    { ready: '/health/live' },
  )
  const token = 'eyJhbGciOiJFZERTQSJ9.e30.AAAA'
  const answer = await service.get('/api/me', { authorization: `Bearer ${token}` })
  expect(protections(answer)).toEqual(protectedWith(503))
})

it('the page of the documentation and its parts may be cached', async () => {
  const service = await startService('SQLite')
  for (const path of ['/docs', '/docs/', '/docs/start.js', '/docs/swagger-ui.css']) {
    const { status, headers } = await service.get(path)
    expect([path, status, headers.get('cache-control')]).toEqual([path, 200, 'public, max-age=3600'])
  }
})
