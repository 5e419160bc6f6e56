import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { createHmac } from 'node:crypto'
import { createKey, startWeb } from '../support/key-server'
import { startService } from '../support/service'
import { now, secret } from '../support/tokens'

setDefaultTimeout(60_000)

const count = 2500
const parallel = 32

/** Random numbers from 0 to 1 that are the same in every run (mulberry32). */
const createRandom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** Values as JSON, since some of them cannot be written otherwise. */
const oddValues = [
  ...['null', 'true', 'false', '0', '-1', '1.5', '1e308', '1e400', '-1e400', '9007199254740993', '{}', '[]'],
  ...['""', '" "', '"\\u0000"', '"\\ud800"', '"\\u200b"', '"🥛"', '"x\\r\\ny"', `"${'x'.repeat(300)}"`],
  ...['"HS256"', '"hs256"', '"none"', '"EdDSA"', '"RS256"', '"JWT"', '"at+jwt"', '"toString"', '"__proto__"'],
  ...['["b64"]', '["alg"]', '["exp"]', '[""]', '[null]', '["b64","b64"]', '["todo"]', '[["todo"]]'],
  ...['{"toString":"HS256"}', '{"toString":null}', '{"valueOf":1}', '{"toJSON":"x"}', '{"then":"x"}'],
  ...['{"length":1}', '{"__proto__":null}', '{"constructor":{"name":"String"}}', '{"kty":"oct","k":"AA"}'],
  `${'['.repeat(500)}${']'.repeat(500)}`,
  `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`,
]

const headerNames = [
  'alg',
  'kid',
  'typ',
  'crit',
  'b64',
  'jwk',
  'jku',
  'x5c',
  'zip',
  'cty',
  'enc',
  '__proto__',
]
const claimNames = [
  ...['sub', 'userId', 'iss', 'aud', 'exp', 'nbf', 'iat', 'cnf', 'client_id', 'azp', 'jti'],
  ...['__proto__', 'toString', 'constructor', 'then'],
]

/** What takes the place of a whole header or payload. */
const oddTexts = [
  '',
  '{',
  'null',
  '42',
  '"x"',
  '[]',
  '[{}]',
  '{"a":1}x',
  '\ufeff{}',
  '{}\0',
  '{"sub":"alice",}',
]

const createOddity = (random: () => number) => {
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T
  /** An object in JSON with some odd members, some of them twice. */
  const objectOf = (members: Record<string, unknown>, names: readonly string[]) => {
    if (random() < 0.05) return pick(oddTexts)
    const usual = Object.entries(members).map(([name, value]) => [name, JSON.stringify(value)])
    const odd = Array.from({ length: 1 + Math.floor(random() * 3) }, () => [pick(names), pick(oddValues)])
    return `{${[...usual, ...odd].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`
  }
  return { pick, objectOf }
}

const encode = (text: string) => Buffer.from(text).toString('base64url')

const kinds = [
  [
    'HS256',
    async () => ({
      environment: {},
      header: { alg: 'HS256' },
      signatureOf: async (text: string) => createHmac('sha256', secret).update(text).digest('base64url'),
    }),
  ],
  [
    'a published key',
    async () => {
      const { jwk, privateKey } = await createKey('own')
      const { url } = startWeb(() => Response.json({ keys: [jwk] }))
      return {
        environment: { BETTER_AUTH_JWKS_URL: `${url}/jwks` },
        header: { alg: 'EdDSA', kid: 'own' },
        signatureOf: async (text: string) =>
          Buffer.from(await crypto.subtle.sign('Ed25519', privateKey, Buffer.from(text))).toString(
            'base64url',
          ),
      }
    },
  ],
] as const

describe.each(kinds)('odd tokens, signed with %s,', (_, start) => {
  it('each lead to a user or a 401', async () => {
    const { environment, header, signatureOf } = await start()
    const issuer = { BETTER_AUTH_ISSUER: 'https://app.example', BETTER_AUTH_AUDIENCE: 'todo' }
    const service = await startService('SQLite', { ...environment, ...issuer })
    const { pick, objectOf } = createOddity(createRandom(25))
    const claims = { sub: 'alice', iss: issuer.BETTER_AUTH_ISSUER, aud: 'todo', exp: now() + 3600 }
    const seen = new Map<number, number>()

    const sendOne = async () => {
      const isSigned = pick([true, true, true, false])
      const parts = [objectOf(pick([header, header, {}]), headerNames), objectOf(claims, claimNames)]
      const signed = parts.map(encode).join('.')
      const token = `${signed}.${isSigned ? await signatureOf(signed) : pick(['', 'AAAA', '!'])}`
      const { status, body, headers } = await service.get('/api/me', { authorization: `Bearer ${token}` })
      seen.set(status, (seen.get(status) ?? 0) + 1)
      if (status === 200) {
        const { sub, userId } = JSON.parse(parts[1] ?? '')
        expect({ isSigned, user: body.user_id }).toEqual({ isSigned: true, user: sub ?? userId })
        return
      }
      expect({ parts, status }).toEqual({ parts, status: 401 })
      expect(body).toMatchObject({ title: 'Unauthorized', status: 401 })
      expect(headers.get('www-authenticate')).toStartWith('Bearer error="invalid_token"')
    }
    let left = count
    await Promise.all(
      Array.from({ length: parallel }, async () => {
        while (left-- > 0) await sendOne()
      }),
    )
    // Otherwise the tokens are all too odd, or not odd enough.
    for (const status of [200, 401]) expect(seen.get(status)).toBeGreaterThan(count / 20)
  })
})
