import { describe, expect, it } from 'bun:test'
import { startService } from '../support/service'

const listed = 'https://app.example'
const environment = { CORS_ORIGINS: `http://localhost:3000, ${listed}` }

describe('CORS', () => {
  it('allows listed origins on every response, including errors', async () => {
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

  it('answers the preflight request of a listed origin', async () => {
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

  it('sends Vary: Origin, even without an Origin header', async () => {
    const service = await startService('SQLite', environment)
    const callers: Record<string, string>[] = [{}, { origin: 'https://evil.example' }, { origin: listed }]
    for (const headers of callers)
      expect((await service.get('/api/me', headers)).headers.get('vary')).toBe('Origin')
  })

  it.each(['https://evil.example', 'http://app.example', 'https://app.example.evil', 'null', 'toString'])(
    'sends no Access-Control-Allow-Origin to %s',
    async (origin) => {
      const service = await startService('SQLite', environment)
      for (const answer of [
        await service.get('/health', { origin }),
        await service.send('OPTIONS', '/api/tasks', undefined, { origin }),
      ])
        expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    },
  )

  const originsAllowed = async (CORS_ORIGINS: string, origins: string[]) => {
    const service = await startService('SQLite', { CORS_ORIGINS })
    const answers = await Promise.all(origins.map((origin) => service.get('/health', { origin })))
    return origins.filter(
      (origin, index) => answers[index]?.headers.get('access-control-allow-origin') === origin,
    )
  }

  it('compares origins as browsers send them', async () => {
    const allowed = ['https://app.example', 'http://localhost:3000', 'https://xn--mnchen-3ya.example']
    const listedAs = '["HTTPS://App.Example:443/", "http://LOCALHOST:3000", "https://münchen.example"]'
    expect(await originsAllowed(listedAs, allowed)).toEqual(allowed)
  })

  it('allows the pages of apps, whose schemes are their own', async () => {
    const listedAs = 'capacitor://localhost,tauri://localhost,ionic://LocalHost,chrome-extension://abc'
    // Some web views send their host as the app spells it.
    const spellings = ['capacitor://LocalHost', 'ionic://localhost', 'ionic://LocalHost']
    const allowed = ['capacitor://localhost', 'tauri://localhost', 'chrome-extension://abc', ...spellings]
    const others = ['capacitor://other', 'https://localhost', 'chrome-extension://abcd', 'null']
    expect(await originsAllowed(listedAs, [...allowed, ...others])).toEqual(allowed)
  })

  it.each([
    [
      'https://*.app.example',
      ['https://a.app.example', 'https://b.a.app.example', 'https://xn--e1a.app.example'],
      [
        'https://app.example',
        'http://a.app.example',
        'https://a.app.example:8443',
        'https://aapp.example',
        'https://a.app.example.evil',
        'https://evil.example/a.app.example',
        'https://a-app.example',
        'https://.app.example',
        'capacitor://a.app.example',
      ],
    ],
    [
      'https://*.app.example:8443',
      ['https://a.app.example:8443'],
      ['https://a.app.example', 'https://a.app.example:84430'],
    ],
    [
      'https://*-app.previews.example',
      ['https://1-app.previews.example', 'https://a.b-app.previews.example'],
      ['https://-app.previews.example', 'https://app.previews.example', 'https://x/-app.previews.example'],
    ],
  ])('allows what the pattern %s matches, and nothing else', async (pattern, matching, others) => {
    expect(await originsAllowed(`https://other.example,${pattern}`, [...matching, ...others])).toEqual(
      matching,
    )
  })

  it('matches no origin that is longer than any can be', async () => {
    const host = `${'a.'.repeat(130)}app.example`
    const [longest, tooLong] = [`https://${host}`, `https://${'b'.repeat(30)}${host}`]
    expect([longest.length, tooLong.length]).toEqual([279, 309])
    expect(await originsAllowed('https://*.app.example', [longest, tooLong])).toEqual([longest])
    const start = performance.now()
    const service = await startService('SQLite', { CORS_ORIGINS: 'https://*-app.three.example' })
    for (const origin of [`https://${'-a'.repeat(2000)}`, `https://${'a'.repeat(4000)}-app.three.exampl`])
      expect((await service.get('/health', { origin })).headers.has('access-control-allow-origin')).toBe(
        false,
      )
    expect(performance.now() - start).toBeLessThan(2000)
  })

  const preflight = async (requested: string) => {
    const service = await startService('SQLite', environment)
    return service.send('OPTIONS', '/api/tasks', undefined, {
      origin: listed,
      'access-control-request-method': 'POST',
      'access-control-request-headers': requested,
    })
  }

  it.each(['authorization,baggage,content-type,sentry-trace', 'traceparent, tracestate', 'x-b3-traceid'])(
    'lets a listed origin send the headers %s that it requests',
    async (requested) => {
      const { status, headers } = await preflight(requested)
      expect(status).toBe(204)
      expect(headers.get('access-control-allow-headers')).toBe(requested)
      expect(headers.get('vary')).toBe('Origin, Access-Control-Request-Headers')
    },
  )

  it('does not echo an invalid list of headers', async () => {
    const { status, headers } = await preflight('<script>"x"</script>')
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type, X-Request-Id')
  })
})
