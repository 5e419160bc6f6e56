import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { createKey, startWeb } from '../../support/key-server'
import { startProgram } from '../../support/program'

setDefaultTimeout(30_000)

const start = (BETTER_AUTH_JWKS_URL: string, more: Record<string, string> = {}) =>
  startProgram({ DATABASE_URL: ':memory:', BETTER_AUTH_JWKS_URL, ...more })

const html = () =>
  new Response('<!doctype html><title>App</title>', { headers: { 'content-type': 'text/html' } })

const wrong: [string, string, () => Response, RegExp][] = [
  ['a page', '/', html, /reason=.*JSON/],
  ['a missing page', '/jwks', () => new Response('', { status: 404 }), /\/jwks answered with the status 404/],
  ['an error', '/jwks', () => new Response('', { status: 500 }), /\/jwks answered with the status 500/],
  ['JSON without keys', '/api/auth', () => Response.json({ status: 'ok' }), /has no list of keys/],
  ['a set without keys', '/jwks', () => Response.json({ keys: [] }), /has no key that verifies tokens/],
  ['nothing', '/jwks', () => new Response(''), /reason=.*JSON/],
]

const withoutKeys = { status: 'unhealthy', database: 'connected', keys: 'unavailable' }

describe('a JWKS URL', () => {
  it.each(wrong)('that returns %s is reported at start, once', async (_, path, answer, reason) => {
    const key = await createKey('1')
    const issuer = startWeb(answer)
    const { client, printed, output } = await start(issuer.url + path)
    const line = await printed(/.*key set unavailable.*/)
    expect(line).toContain(' warn ')
    expect(line).toContain(`url=${issuer.url}${path}`)
    expect(line).toMatch(reason)
    await printed('database connected')
    expect(await client.get('/health')).toMatchObject({ status: 503, body: withoutKeys })
    const authorization = `Bearer ${await key.sign()}`
    for (let request = 0; request < 3; request++)
      expect((await client.get('/api/me', { authorization })).status).toBe(503)
    expect(await printed(/.*the key of the token is not known.*/)).toMatch(/request_id=/)
    expect(output().match(/key set unavailable/g)).toHaveLength(1)
  })

  it('that is unreachable is reported with its URL, without credentials and query', async () => {
    const { printed, output } = await start('http://user:hunter2@127.0.0.1:9/api/auth/jwks?key=hunter2')
    expect(await printed(/key set unavailable.*/)).toMatch(
      /url=http:\/\/127\.0\.0\.1:9\/api\/auth\/jwks\?… reason=.*ECONNREFUSED/,
    )
    expect(output()).not.toContain('hunter2')
  })

  it('that does not answer delays neither the start nor what needs no key', async () => {
    const issuer = startWeb(() => new Promise<Response>(() => {}))
    const { client, printed, output } = await start(`${issuer.url}/api/auth/jwks`)
    await printed('database connected')
    expect((await client.get('/health')).body).toEqual(withoutKeys)
    expect((await client.get('/health/live')).status).toBe(200)
    expect((await client.get('/api/me')).status).toBe(401)
    expect(issuer.asked).toHaveLength(1)
    // A fetch may take 10 s.
    const giveUp = performance.now() + 20_000
    while (!output().includes('key set unavailable') && performance.now() < giveUp) await Bun.sleep(50)
    expect(await printed(/key set unavailable.*/)).toMatch(/reason=.*timed out/)
  })

  it('that works is fetched before the first token comes, and not reported', async () => {
    const key = await createKey('1')
    const issuer = startWeb(() => Response.json({ keys: [key.jwk] }))
    const { client, output } = await start(`${issuer.url}/api/auth/jwks`)
    await client.until('/health', 200)
    const authorization = `Bearer ${await key.sign()}`
    expect((await client.get('/api/me', { authorization })).status).toBe(200)
    expect(issuer.asked).toHaveLength(1)
    expect(output()).not.toContain('key set')
  })

  it('that becomes available later is reported once more, without a request', async () => {
    const key = await createKey('1')
    let isDown = true
    const issuer = startWeb(() =>
      isDown ? new Response('', { status: 502 }) : Response.json({ keys: [key.jwk] }),
    )
    const { client, printed, output } = await start(`${issuer.url}/api/auth/jwks`)
    await printed(/key set unavailable.*answered with the status 502/)
    while (issuer.asked.length < 3) await Bun.sleep(20)
    isDown = false
    expect(await printed(/.*key set available.*/)).toContain(` info  key set available url=${issuer.url}`)
    await client.until('/health', 200)
    const authorization = `Bearer ${await key.sign()}`
    expect((await client.get('/api/me', { authorization })).status).toBe(200)
    expect(output().match(/key set unavailable/g)).toHaveLength(1)
  })
})

const origin = 'https://app.example'

const incomplete: [string, Record<string, string>, string[]][] = [
  ['issuer or audience', {}, ['BETTER_AUTH_ISSUER', 'BETTER_AUTH_AUDIENCE']],
  ['audience', { BETTER_AUTH_ISSUER: origin }, ['BETTER_AUTH_AUDIENCE']],
  ['issuer', { BETTER_AUTH_AUDIENCE: origin }, ['BETTER_AUTH_ISSUER']],
  ['nothing', { BETTER_AUTH_ISSUER: origin, BETTER_AUTH_AUDIENCE: origin }, []],
]

describe('the log of a start with a JWKS URL', () => {
  it.each(incomplete)(
    'but without %s states what is accepted, and the usual value',
    async (_, more, variables) => {
      // A name that never resolves (RFC 6761), so that nobody is asked.
      const { output, printed } = await start(
        'https://user:hunter2@app.invalid/api/auth/jwks?x=hunter2',
        more,
      )
      await printed('listening')
      const lines = output().match(/ warn {2}\S+ is not set.*$/gm) ?? []
      expect(lines).toHaveLength(variables.length)
      for (const [index, variable] of variables.entries())
        expect(lines[index]).toMatch(
          new RegExp(` ${variable} is not set: .*accepted.*default is https://app\\.invalid$`),
        )
      expect(output()).not.toContain('hunter2')
    },
  )
})
