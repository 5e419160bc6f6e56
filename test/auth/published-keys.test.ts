import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { createHmac, createPublicKey, type JsonWebKeyInput } from 'node:crypto'
import type { JWK } from 'jose'
import { createAuthenticate } from '../../src/auth/authenticate'
import { TokenRejected } from '../../src/auth/errors'
import { createKeySet, KeySetUnavailable } from '../../src/auth/key-set'
import { createPublishedKeysVerifier } from '../../src/auth/published-keys'
import { cleanUp } from '../support/cleanup'
import { createKey } from '../support/key-server'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

type Fault = 'none' | 'error' | 'rubbish' | 'hangs'

const startIssuer = (keys: JWK[]) => {
  const state = { keys, fault: 'none' as Fault, fetches: 0, url: new URL('http://localhost') }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch() {
      state.fetches++
      if (state.fault === 'error') return new Response('no', { status: 500 })
      if (state.fault === 'rubbish') return new Response('<html>')
      if (state.fault === 'hangs') await Bun.sleep(5000)
      return Response.json({ keys: state.keys })
    },
  })
  cleanUp(() => server.stop(true))
  state.url = new URL(`http://127.0.0.1:${server.port}/jwks`)
  return state
}

const brief = { maxAge: 150, cooldown: 60, retry: 20, timeout: 100 }

/** What a request with this token would be answered. */
const ask = (url: URL) => {
  const authenticate = createAuthenticate(createPublishedKeysVerifier(createKeySet(url, brief)))
  return async (token: string) => {
    try {
      await authenticate(token)
      return 200
    } catch (error) {
      if (error instanceof KeySetUnavailable) return 503
      if (error instanceof TokenRejected) return 401
      throw error
    }
  }
}

const until = async (expected: number, attempt: () => Promise<number>) => {
  const giveUp = performance.now() + 5000
  while ((await attempt()) !== expected)
    if (performance.now() > giveUp) throw new Error(`never became ${expected}`)
    else await Bun.sleep(5)
}

describe('published keys', () => {
  it('are selected by configuration, not by what a token claims', async () => {
    const [own, other] = [await createKey('own'), await createKey('other')]
    const rsa = await createKey('rsa', 'RS256')
    const { url } = startIssuer([own.jwk, rsa.jwk])
    const service = await startService('SQLite', { BETTER_AUTH_JWKS_URL: url.href })
    const status = async (token: string) =>
      (await service.get('/api/me', { authorization: `Bearer ${token}` })).status
    expect(await status(await own.sign())).toBe(200)
    expect(await status(await rsa.sign())).toBe(200)

    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const hmac = (header: object, key: string | Buffer) => {
      const unsigned = `${encode(header)}.${encode({ sub: 'mallory' })}`
      return `${unsigned}.${createHmac('sha256', key).update(unsigned).digest('base64url')}`
    }
    const pem = createPublicKey({ key: rsa.jwk, format: 'jwk' } as JsonWebKeyInput).export({
      type: 'spki',
      format: 'pem',
    })
    const refused = {
      'public key as HMAC secret': hmac({ alg: 'HS256', kid: 'rsa' }, pem),
      'raw public key as HMAC secret': hmac(
        { alg: 'HS256', kid: 'own' },
        Buffer.from(own.jwk.x ?? '', 'base64url'),
      ),
      'no algorithm': `${encode({ alg: 'none', kid: 'own' })}.${encode({ sub: 'mallory' })}.`,
      'kid of another key': await other.sign({ kid: 'own' }),
      'embedded key': await other.sign({ kid: 'own', jwk: other.jwk }),
      'address of other keys': await other.sign({ kid: 'own', jku: 'http://127.0.0.1:9/jwks' }),
      'certificate chain': await other.sign({ kid: 'own', x5c: ['MIIB'] }),
      'algorithm of another key': await own.sign({ kid: 'rsa' }),
    }
    for (const [trick, token] of Object.entries(refused))
      expect([trick, await status(token)]).toEqual([trick, 401])
  })

  it.each(['EdDSA', 'Ed25519'])(
    'verify both names of Ed25519 where the key is published as %s',
    async (alg) => {
      const key = await createKey('own')
      const { url } = startIssuer([{ ...key.jwk, alg }])
      const status = ask(url)
      expect(await status(await key.sign({ alg: 'EdDSA' }))).toBe(200)
      expect(await status(await key.sign({ alg: 'Ed25519' }))).toBe(200)
    },
  )

  it('are fetched again for an unknown key, at most once within a cooldown', async () => {
    const [first, second, stranger] = [await createKey('1'), await createKey('2'), await createKey('3')]
    const issuer = startIssuer([first.jwk])
    const status = ask(issuer.url)
    expect(await status(await first.sign())).toBe(200)
    issuer.keys = [first.jwk, second.jwk]
    await until(200, async () => status(await second.sign()))
    const before = issuer.fetches
    const started = performance.now()
    const answers = await Promise.all(Array.from({ length: 200 }, async () => status(await stranger.sign())))
    expect(new Set(answers)).toEqual(new Set([401]))
    const maxFetches = Math.ceil((performance.now() - started) / brief.cooldown) + 1
    expect(issuer.fetches - before).toBeLessThanOrEqual(maxFetches)
  })

  it('are rejected once withdrawn, with the cached tokens that they verified', async () => {
    const [first, second] = [await createKey('1'), await createKey('2')]
    const issuer = startIssuer([first.jwk])
    const status = ask(issuer.url)
    const token = await first.sign()
    expect(await status(token)).toBe(200)
    issuer.keys = [second.jwk]
    await until(401, () => status(token))
    expect(await status(await second.sign())).toBe(200)
  })

  it.each(['error', 'rubbish', 'hangs'] as const)(
    'are used while the issuer is faulty: %s',
    async (fault) => {
      const [known, unknown] = [await createKey('1'), await createKey('2')]
      const issuer = startIssuer([known.jwk])
      const status = ask(issuer.url)
      expect(await status(await known.sign())).toBe(200)
      issuer.fault = fault
      const end = performance.now() + brief.maxAge * 2
      while (performance.now() < end) expect(await status(await known.sign())).toBe(200)
      expect(await status(await unknown.sign())).toBe(503)
      expect(await status('a.b.c')).toBe(401)
      issuer.fault = 'none'
      issuer.keys = [unknown.jwk]
      await until(200, async () => status(await unknown.sign()))
    },
  )

  it.each(['error', 'rubbish', 'hangs'] as const)(
    'cause a 503 until they have been fetched: %s',
    async (fault) => {
      const key = await createKey('1')
      const issuer = startIssuer([key.jwk])
      issuer.fault = fault
      const status = ask(issuer.url)
      const token = await key.sign()
      expect(await Promise.all(Array.from({ length: 50 }, () => status(token)))).toEqual(Array(50).fill(503))
      expect(issuer.fetches).toBe(1)
      issuer.fault = 'none'
      await until(200, () => status(token))
    },
  )

  it('that are unreachable cause a 503, not a 401 or a 500', async () => {
    const key = await createKey('1')
    const issuer = startIssuer([key.jwk])
    issuer.fault = 'error'
    const service = await startService('SQLite', { BETTER_AUTH_JWKS_URL: issuer.url.href })
    const { status, headers, body } = await service.get('/api/me', {
      authorization: `Bearer ${await key.sign()}`,
    })
    expect(status).toBe(503)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(body.detail).toBe('Access tokens cannot be verified at the moment. Please try again.')
    const nowhere = await service.get('/api/nowhere', { authorization: `Bearer ${await key.sign()}` })
    expect(nowhere.status).toBe(503)
    expect((await service.get('/health')).status).toBe(200)
    expect((await service.get('/api/me')).status).toBe(401)
  })
})
