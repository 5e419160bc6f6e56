import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { createKey, startWeb } from '../../support/key-server'
import { startProgram } from '../../support/program'

setDefaultTimeout(30_000)

const start = (BETTER_AUTH_JWKS_URL: string, more: Record<string, string> = {}) =>
  startProgram({ DATABASE_URL: ':memory:', BETTER_AUTH_JWKS_URL, ...more })

const html = () =>
  new Response('<!doctype html><title>App</title>', { headers: { 'content-type': 'text/html' } })

const wrong: [string, string, () => Response, RegExp][] = [
  ['a page', '/', html, /\/ returned no key set/],
  ['a missing page', '/jwks', () => new Response('', { status: 404 }), /\/jwks answered 404/],
  ['an error', '/api/auth/jwks', () => new Response('', { status: 500 }), /\/jwks answered 500/],
  ['JSON without keys', '/api/auth', () => Response.json({ status: 'ok' }), /\/auth returned no key set/],
  ['nothing', '/jwks', () => new Response(''), /\/jwks returned no key set/],
]

describe('a JWKS URL', () => {
  it.each(wrong)('that returns %s is reported at start, once', async (_, path, answer, reason) => {
    const key = await createKey('1')
    const issuer = startWeb(answer)
    const { client, printed, output } = await start(issuer.url + path)
    const line = await printed(/.*key set unavailable.*/)
    expect(line).toContain(' warn ')
    expect(line).toContain(issuer.url)
    expect(line).toMatch(reason)
    expect(line.includes("Better Auth's usual address is")).toBe(path !== '/api/auth/jwks')
    await client.until('/health', 200)
    const authorization = `Bearer ${await key.sign()}`
    for (let request = 0; request < 3; request++)
      expect((await client.get('/api/me', { authorization })).status).toBe(503)
    expect(await printed(/request failed.*/)).toMatch(reason)
    expect(output().match(/key set unavailable/g)).toHaveLength(1)
  })

  it('that is unreachable is reported with its URL', async () => {
    const { printed } = await start('http://127.0.0.1:9/api/auth/jwks')
    expect(await printed(/key set unavailable.*/)).toContain(
      'http://127.0.0.1:9/api/auth/jwks could not be fetched',
    )
  })

  it('that does not answer delays neither the start nor what needs no key', async () => {
    const release = Promise.withResolvers<Response>()
    const issuer = startWeb(() => release.promise)
    const { client, printed, output } = await start(`${issuer.url}/api/auth/jwks`)
    await client.until('/health', 200)
    expect((await client.get('/api/me')).status).toBe(401)
    expect(issuer.asked).toHaveLength(1)
    expect(await printed(/key set unavailable.*/)).toContain('/api/auth/jwks could not be fetched')
    expect(output().indexOf('listening')).toBeLessThan(output().indexOf('key set unavailable'))
    release.resolve(new Response())
  })

  it('that works is fetched before the first token comes, and not reported', async () => {
    const key = await createKey('1')
    const fetched = Promise.withResolvers<void>()
    const issuer = startWeb(() => {
      fetched.resolve()
      return Response.json({ keys: [key.jwk] })
    })
    const { client, output } = await start(`${issuer.url}/api/auth/jwks`)
    await fetched.promise
    const authorization = `Bearer ${await key.sign()}`
    expect((await client.get('/api/me', { authorization })).status).toBe(200)
    expect(issuer.asked).toHaveLength(1)
    expect(output()).not.toContain('key set')
  })

  it('that becomes available later is reported once more', async () => {
    const key = await createKey('1')
    let isDown = true
    const issuer = startWeb(() =>
      isDown ? new Response('', { status: 502 }) : Response.json({ keys: [key.jwk] }),
    )
    const { client, printed, output } = await start(`${issuer.url}/api/auth/jwks`)
    await printed(/key set unavailable.*answered 502/)
    const headers = { authorization: `Bearer ${await key.sign()}` }
    // Each request asks the issuer again, at most once in a second.
    const requestUntil = async (what: string, holds: (status: number) => boolean) => {
      const giveUp = performance.now() + 10_000
      while (!holds((await client.get('/api/me', headers)).status)) {
        if (performance.now() > giveUp) throw new Error(`not within 10 s: ${what}`)
        await Bun.sleep(20)
      }
    }
    await requestUntil('another fetch has failed', () => issuer.asked.length > 2)
    isDown = false
    await requestUntil('the key set is fetched', (status) => status === 200)
    expect(await printed(/.*key set available.*/)).toContain(` info  key set available url=${issuer.url}`)
    expect(output().match(/key set unavailable/g)).toHaveLength(1)
  })
})

const origin = 'https://app.example'

const incomplete: [string, Record<string, string>, string | undefined][] = [
  ['issuer or audience', {}, 'BETTER_AUTH_ISSUER and BETTER_AUTH_AUDIENCE are not set'],
  ['audience', { BETTER_AUTH_ISSUER: origin }, 'warn  BETTER_AUTH_AUDIENCE is not set'],
  ['issuer', { BETTER_AUTH_AUDIENCE: origin }, 'warn  BETTER_AUTH_ISSUER is not set'],
  ['nothing', { BETTER_AUTH_ISSUER: origin, BETTER_AUTH_AUDIENCE: origin }, undefined],
]

describe('the log of a start with a JWKS URL', () => {
  it.each(incomplete)(
    'but without %s states what is accepted, and the usual value',
    async (_, more, warning) => {
      // A name that never resolves (RFC 6761), so that nobody is asked.
      const { output, printed } = await start(
        'https://user:hunter2@app.invalid/api/auth/jwks?x=hunter2',
        more,
      )
      await printed('listening')
      if (warning === undefined) expect(output()).not.toContain('not set')
      else {
        const line = await printed(/.*BETTER_AUTH_.* not set.*/)
        expect(line).toContain(warning)
        expect(line).toContain('is accepted')
        expect(line).toEndWith("with Better Auth's defaults the value is https://app.invalid")
      }
      expect(output()).not.toContain('hunter2')
    },
  )
})
