import { expect, it, setDefaultTimeout } from 'bun:test'
import type { JWK } from 'jose'
import { startBetterAuth } from '../../support/better-auth'
import { createKey, startWeb } from '../../support/key-server'
import { startProgram } from '../../support/program'

setDefaultTimeout(120_000)

const start = async (BETTER_AUTH_JWKS_URL: string) => {
  const program = await startProgram({ DATABASE_URL: ':memory:', BETTER_AUTH_JWKS_URL })
  await program.client.until('/health', 200)
  const statusOf = async (token: string) =>
    (await program.client.get('/api/me', { authorization: `Bearer ${token}` })).status
  /** Waits for a status; returns how long that took, in seconds. */
  const secondsUntil = async (token: string, status: number) => {
    const started = performance.now()
    while ((await statusOf(token)) !== status) {
      if (performance.now() - started > 60_000) throw new Error(`never became ${status}`)
      await Bun.sleep(50)
    }
    return (performance.now() - started) / 1000
  }
  return { ...program, statusOf, secondsUntil }
}

it('a new key is found within 10 s, and a withdrawn one is refused within 30 s, with its cached tokens', async () => {
  const [old, next] = [await createKey('old'), await createKey('next')]
  const published: { keys: JWK[] } = { keys: [old.jwk] }
  const { url } = startWeb(() => Response.json(published))
  const { statusOf, secondsUntil } = await start(url)
  const cached = await old.sign()
  expect(await statusOf(cached)).toBe(200)
  published.keys = [next.jwk]
  const results = await Promise.all([secondsUntil(await next.sign(), 200), secondsUntil(cached, 401)])
  const [found = 0, refused = 0] = results
  expect(found).toBeLessThan(12)
  expect(refused).toBeLessThan(32)
})

it('while the issuer is down its last keys serve, and new ones within 2 s of its return', async () => {
  const issuer = await startBetterAuth({ kind: 'jwks' })
  const { statusOf, secondsUntil, client, printed } = await start(issuer.jwksUrl)
  const alice = await issuer.signUp('alice')
  const known = await alice.token()
  expect(await statusOf(known)).toBe(200)
  issuer.replaceKeys()
  const next = await alice.token()
  issuer.stop()
  await secondsUntil(next, 503)
  await printed('key set unavailable')
  const outageEnds = performance.now() + 20_000
  while (performance.now() < outageEnds) {
    expect(await statusOf(known)).toBe(200)
    expect(await statusOf(next)).toBe(503)
    expect((await client.get('/health')).status).toBe(200)
    await Bun.sleep(500)
  }
  issuer.restart()
  expect(await secondsUntil(next, 200)).toBeLessThan(2)
  await printed('key set available')
})

it('a black hole ends a fetch after 10 s, and the next one follows at once', async () => {
  const key = await createKey('1')
  let isHole = true
  const web = startWeb(() => (isHole ? new Promise<Response>(() => {}) : Response.json({ keys: [key.jwk] })))
  const program = await startProgram({ DATABASE_URL: ':memory:', BETTER_AUTH_JWKS_URL: web.url })
  while (web.asked.length < 1) await Bun.sleep(5)
  isHole = false
  const started = performance.now()
  while ((await program.client.get('/health')).status !== 200) await Bun.sleep(50)
  expect(performance.now() - started).toBeLessThan(13_000)
  expect(web.asked).toHaveLength(2)
})
