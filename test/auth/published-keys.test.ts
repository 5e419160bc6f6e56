import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { createHmac, createPublicKey, type JsonWebKeyInput } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { KeySetTimes } from '../../src/auth/key-set'
import { createKey, startWeb } from '../support/key-server'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

/** Answers of an issuer whose key set cannot be used. */
const faults = {
  error: () => new Response('no', { status: 500 }),
  missing: () => new Response('', { status: 404 }),
  page: () => new Response('<html>'),
  nothing: () => new Response(''),
  text: () => Response.json('keys'),
  null: () => Response.json(null),
  'no set': () => Response.json({ status: 'ok' }),
  'no list': () => Response.json({ keys: { 0: {} } }),
  hangs: () => new Promise<Response>(() => {}),
}

type Fault = keyof typeof faults

const brief: KeySetTimes = { timeout: 400, refresh: 150, cooldown: 60, retry: 20 }

const startIssuer = (keys: unknown[]) => {
  const state = { keys, fault: undefined as Fault | undefined }
  const web = startWeb(() => (state.fault ? faults[state.fault]() : Response.json({ keys: state.keys })))
  return Object.assign(state, { asked: web.asked, url: `${web.url}/jwks` })
}

/** A service with published keys, and what it answers to a request with a token. */
const start = async (
  url: string,
  {
    keySetTimes,
    ready,
    ...environment
  }: { keySetTimes?: KeySetTimes; ready?: string } & Record<string, unknown> = {},
) => {
  const service = await startService(
    'SQLite',
    { BETTER_AUTH_JWKS_URL: url, ...(environment as Record<string, string>) },
    { keySetTimes, ready },
  )
  const answer = (token: string) => service.get('/api/me', { authorization: `Bearer ${token}` })
  return { ...service, answer, statusOf: async (token: string) => (await answer(token)).status }
}

const until = async (expected: number, attempt: () => Promise<number>) => {
  const giveUp = performance.now() + 10_000
  while ((await attempt()) !== expected)
    if (performance.now() > giveUp) throw new Error(`never became ${expected}`)
    else await Bun.sleep(5)
}

const healthy = { status: 'healthy', database: 'connected' }
const withoutKeys = { status: 'unhealthy', database: 'connected', keys: 'unavailable' }

describe('published keys', () => {
  it('are selected by configuration, not by what a token claims', async () => {
    const [own, other] = [await createKey('own'), await createKey('other')]
    const rsa = await createKey('rsa', 'RS256')
    const { statusOf } = await start(startIssuer([own.jwk, rsa.jwk]).url)
    expect(await statusOf(await own.sign())).toBe(200)
    expect(await statusOf(await rsa.sign())).toBe(200)

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
      'no kid': await other.sign({ kid: undefined }),
      'embedded key': await other.sign({ kid: 'own', jwk: other.jwk }),
      'address of other keys': await other.sign({ kid: 'own', jku: 'http://127.0.0.1:9/jwks' }),
      'certificate chain': await other.sign({ kid: 'own', x5c: ['MIIB'] }),
      'algorithm of another key': await own.sign({ kid: 'rsa' }),
    }
    for (const [trick, token] of Object.entries(refused))
      expect([trick, await statusOf(token)]).toEqual([trick, 401])
  })

  it.each(['EdDSA', 'Ed25519'])('verify both names of Ed25519 if the key is published as %s', async (alg) => {
    const key = await createKey('own')
    const { statusOf } = await start(startIssuer([{ ...key.jwk, alg }]).url)
    expect(await statusOf(await key.sign({ alg: 'EdDSA' }))).toBe(200)
    expect(await statusOf(await key.sign({ alg: 'Ed25519' }))).toBe(200)
  })

  it.each([
    ['without ids', undefined, undefined],
    ['with the same id', 'same', 'same'],
    ['with an id in the set only', 'a', undefined],
  ])('are tried one after the other: %s', async (_, published, named) => {
    const keys = [
      await createKey('1'),
      await createKey('2'),
      await createKey('3', 'ES256'),
      await createKey('4'),
    ]
    const stranger = await createKey('5')
    const { url } = startIssuer(keys.map(({ jwk }) => ({ ...jwk, kid: published })))
    const { answer, statusOf } = await start(url)
    for (const { sign } of keys) expect(await statusOf(await sign({ kid: named }))).toBe(200)
    expect(await statusOf(await stranger.sign({ kid: named }))).toBe(401)
    const [first, , , last] = keys
    // What is wrong with a token is found with the key that verifies it.
    for (const key of [first, last])
      expect((await answer((await key?.sign({ kid: named }, { exp: 1 })) ?? '')).body.detail).toBe(
        'The access token has expired.',
      )
  })

  it('are used without what else is in their set', async () => {
    const key = await createKey('own')
    const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
    const others = [
      ...[null, 42, 'key', [], {}, { kty: 'OKP' }, { kty: 'oct', k: 'AAAA', kid: 'own' }],
      { ...key.jwk, x: 'AAAA' },
      { ...(await exportJWK(privateKey)), kid: 'own', alg: 'EdDSA' },
      { kty: 'RSA', e: 'AQAB', n: '*', kid: 'own' },
      { ...key.jwk, use: 'enc' },
    ]
    const { url } = startIssuer([...others, key.jwk, ...others])
    const { statusOf } = await start(url)
    expect(await statusOf(await key.sign())).toBe(200)
    expect(await statusOf(await key.sign({ kid: undefined }))).toBe(200)
  })

  it('are fetched again for an unknown key, at most once within a cooldown', async () => {
    const [first, second, stranger] = [await createKey('1'), await createKey('2'), await createKey('3')]
    const issuer = startIssuer([first.jwk])
    const keySetTimes = { ...brief, timeout: 5000, refresh: 60_000, cooldown: 500 }
    const { statusOf } = await start(issuer.url, { keySetTimes })
    expect(await statusOf(await first.sign())).toBe(200)
    issuer.keys = [first.jwk, second.jwk]
    await until(200, async () => statusOf(await second.sign()))
    const before = issuer.asked.length
    const started = performance.now()
    const answers = await Promise.all(
      Array.from({ length: 200 }, async () => statusOf(await stranger.sign())),
    )
    expect(new Set(answers)).toEqual(new Set([401]))
    const maxFetches = Math.ceil((performance.now() - started) / keySetTimes.cooldown) + 1
    expect(issuer.asked.length - before).toBeLessThanOrEqual(maxFetches)
  })

  it('are rejected once withdrawn, one or all of them', async () => {
    const [first, second] = [await createKey('1'), await createKey('2')]
    const issuer = startIssuer([first.jwk, second.jwk])
    const { statusOf, get } = await start(issuer.url, { keySetTimes: { ...brief, timeout: 5000 } })
    // A token that was accepted is cached, so each is another one.
    let serial = 0
    const newToken = (key: typeof first) => key.sign({}, { jti: String(serial++) })
    expect(await statusOf(await newToken(first))).toBe(200)
    issuer.keys = [second.jwk]
    await until(401, async () => statusOf(await newToken(first)))
    expect(await statusOf(await newToken(second))).toBe(200)
    issuer.keys = []
    await until(401, async () => statusOf(await newToken(second)))
    expect((await get('/health')).body).toEqual(healthy)
  })

  it.each(Object.keys(faults) as Fault[])(
    'are used while the issuer is faulty (%s), and health does not depend on it',
    async (fault) => {
      const [known, unknown] = [await createKey('1'), await createKey('2')]
      const issuer = startIssuer([known.jwk])
      const { statusOf, get } = await start(issuer.url, { keySetTimes: brief })
      issuer.fault = fault
      const before = issuer.asked.length
      while (issuer.asked.length < before + 2) await Bun.sleep(5)
      expect(await statusOf(await known.sign())).toBe(200)
      expect(await statusOf(await unknown.sign())).toBe(503)
      expect(await statusOf('a.b.c')).toBe(401)
      expect((await get('/health')).body).toEqual(healthy)
      issuer.fault = undefined
      issuer.keys = [unknown.jwk]
      await until(200, async () => statusOf(await unknown.sign()))
    },
  )
})

/** Sets that are none to begin with: nobody could sign in. */
const unusable: [string, unknown[]][] = [
  ['no key', []],
  ['null', [null]],
  ['a secret', [{ kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }]],
  ['a key for encryption', [{ kty: 'RSA', use: 'enc', e: 'AQAB', n: 'AQAB' }]],
]

describe('published keys that have not been fetched yet', () => {
  const expectUnavailable = async ({ answer, get }: Awaited<ReturnType<typeof start>>, token: string) => {
    const health = await get('/health')
    expect(health).toMatchObject({ status: 503, body: withoutKeys })
    expect(Number(health.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await get('/health/live')).status).toBe(200)
    const { status, headers, body } = await answer(token)
    expect(status).toBe(503)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(body.detail).toBe('Access tokens cannot be verified at the moment. Please try again.')
    expect((await get('/api/me')).status).toBe(401)
    expect((await answer('a.b.c')).status).toBe(401)
  }

  it.each(Object.keys(faults) as Fault[])('cause a 503: %s', async (fault) => {
    const key = await createKey('1')
    const issuer = startIssuer([key.jwk])
    issuer.fault = fault
    const service = await start(issuer.url, { keySetTimes: brief, ready: '/health/live' })
    await expectUnavailable(service, await key.sign())
    issuer.fault = undefined
    // Without a request that needs a key.
    await service.until('/health', 200)
    expect((await service.get('/health')).body).toEqual(healthy)
    expect(await service.statusOf(await key.sign())).toBe(200)
  })

  it.each(unusable)('cause a 503 if their set has only %s', async (_, keys) => {
    const key = await createKey('1')
    const issuer = startIssuer(keys)
    const service = await start(issuer.url, { keySetTimes: brief, ready: '/health/live' })
    while (issuer.asked.length < 2) await Bun.sleep(5)
    await expectUnavailable(service, await key.sign())
    issuer.keys = [key.jwk]
    await service.until('/health', 200)
    expect(await service.statusOf(await key.sign())).toBe(200)
  })

  it('are asked for once a second at most, however many requests need them', async () => {
    const key = await createKey('1')
    const issuer = startIssuer([])
    issuer.fault = 'error'
    const service = await start(issuer.url, { ready: '/health/live' })
    const started = performance.now()
    while (issuer.asked.length < 3) {
      const statuses = await Promise.all(
        Array.from({ length: 20 }, async () => service.statusOf(await key.sign())),
      )
      expect(new Set(statuses)).toEqual(new Set([503]))
    }
    // Timers may be some milliseconds early.
    expect(performance.now() - started).toBeGreaterThan(1800)
  })

  it('are waited for, as long as a request may take', async () => {
    const key = await createKey('1')
    const released = Promise.withResolvers<void>()
    const issuer = startWeb(async () => {
      await released.promise
      return Response.json({ keys: [key.jwk] })
    })
    const service = await start(`${issuer.url}/jwks`, { ready: '/health/live', DATABASE_TIMEOUT_MS: '20000' })
    const waiting = Promise.all([service.statusOf(await key.sign()), service.statusOf(await key.sign())])
    // Longer than the pause after a failed attempt, and than many clients wait.
    await Bun.sleep(2500)
    expect((await service.get('/health')).body).toEqual(withoutKeys)
    released.resolve()
    expect(await waiting).toEqual([200, 200])
    expect(await service.statusOf(await key.sign())).toBe(200)
    expect(issuer.asked).toHaveLength(1)
  })

  it('are kept if they arrive after the deadline of the request that waited for them', async () => {
    const key = await createKey('1')
    const released = Promise.withResolvers<void>()
    const issuer = startWeb(async () => {
      await released.promise
      return Response.json({ keys: [key.jwk] })
    })
    const service = await start(`${issuer.url}/jwks`, { ready: '/health/live', DATABASE_TIMEOUT_MS: '200' })
    expect(await service.statusOf(await key.sign())).toBe(503)
    released.resolve()
    await service.until('/health', 200)
    expect(await service.statusOf(await key.sign())).toBe(200)
    expect(issuer.asked).toHaveLength(1)
  })
})

describe('a key set that is too large', () => {
  /** An answer with this key and so many blanks. */
  const padded = (key: JWK, size: number) => JSON.stringify({ padding: ' '.repeat(size), keys: [key] })
  const gzip = { headers: { 'content-encoding': 'gzip' } }
  const endless = { pull: (body: ReadableStreamDefaultController) => body.enqueue(new Uint8Array(65_536)) }

  const answers: [string, (key: JWK) => Response][] = [
    ['without an end', () => new Response(new ReadableStream(endless))],
    ['of a known length', (key) => new Response(padded(key, 2 ** 20))],
    ['compressed', (key) => new Response(Bun.gzipSync(Buffer.from(padded(key, 2 ** 23))), gzip)],
  ]

  it.each(answers)('is not read to its end: %s', async (_, answer) => {
    const key = await createKey('1')
    let isLarge = true
    const { url, asked } = startWeb(() => (isLarge ? answer(key.jwk) : Response.json({ keys: [key.jwk] })))
    const service = await start(url, { keySetTimes: { ...brief, timeout: 10_000 }, ready: '/health/live' })
    // So the first fetches have ended, long before their time limit.
    while (asked.length < 3) await Bun.sleep(5)
    expect((await service.get('/health')).body).toEqual(withoutKeys)
    isLarge = false
    await service.until('/health', 200)
    expect(await service.statusOf(await key.sign())).toBe(200)
  })

  it('is read up to 1 MiB', async () => {
    const key = await createKey('1')
    const { url } = startWeb(() => new Response(padded(key.jwk, 1_000_000)))
    expect(await (await start(url)).statusOf(await key.sign())).toBe(200)
  })
})

it('keys for several algorithms without a name of one verify tokens of each', async () => {
  const [rsa, ec] = [await createKey('1', 'RS256'), await createKey('2', 'ES256')]
  const jwks: JWK[] = [rsa.jwk, ec.jwk].map(({ alg, kid, ...jwk }) => jwk)
  const { statusOf } = await start(startIssuer(jwks).url)
  for (const key of [rsa, ec]) expect(await statusOf(await key.sign({ kid: undefined }))).toBe(200)
})
