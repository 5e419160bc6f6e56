import { describe, expect, it } from 'bun:test'
import { startService } from '../support/service'

const listed = 'https://app.example'
const environment = { CORS_ORIGINS: `http://localhost:3000, ${listed}` }

describe('CORS', () => {
  it('lets listed origins in on every answer, errors among them', async () => {
    const service = await startService('SQLite', environment)
    const alice = await service.as('alice')
    const answers = [
      await alice.get('/api/tasks', { origin: listed }),
      await alice.get('/api/tasks/999', { origin: listed }),
      await alice.get('/api/tasks?limit=0', { origin: listed }),
      await alice.post('/api/tasks', '{', { origin: listed }),
      await alice.send('PUT', '/api/tasks', undefined, { origin: listed }),
      await service.get('/api/tasks', { origin: listed }),
      await service.get('/nowhere', { origin: listed }),
      await service.get('/health', { origin: listed }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 422, 400, 405, 401, 404, 200])
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBe(listed)
      expect(headers.get('vary')).toContain('Origin')
      expect(headers.get('access-control-expose-headers')).toContain('X-Request-Id')
    }
  })

  it('tells a browser what a listed origin may send', async () => {
    const service = await startService('SQLite', environment)
    const { status, headers } = await service.send('OPTIONS', '/api/tasks/1', undefined, {
      origin: listed,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization,content-type',
    })
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(listed)
    expect(headers.get('access-control-allow-methods')).toContain('PATCH')
    expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization')
    expect(Number(headers.get('access-control-max-age'))).toBeGreaterThan(0)
  })

  it('tells caches that answers depend on the origin, even where none was named', async () => {
    const service = await startService('SQLite', environment)
    const callers: Record<string, string>[] = [{}, { origin: 'https://evil.example' }, { origin: listed }]
    for (const headers of callers)
      expect((await service.get('/api/me', headers)).headers.get('vary')).toBe('Origin')
  })

  it.each(['https://evil.example', 'http://app.example', 'https://app.example.evil', 'null', 'toString'])(
    'names no origin to %s',
    async (origin) => {
      const service = await startService('SQLite', environment)
      for (const answer of [
        await service.get('/health', { origin }),
        await service.send('OPTIONS', '/api/tasks', undefined, { origin }),
      ])
        expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    },
  )
})
