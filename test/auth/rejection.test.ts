import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import type { JWTPayload } from 'jose'
import { createKey, startWeb } from '../support/key-server'
import { startProgram } from '../support/program'
import { now, secret, sign } from '../support/tokens'

setDefaultTimeout(30_000)

const issuer = 'https://app.example'
const right = { sub: 'alice', iss: issuer, aud: 'todo' }

type Line = Record<string, unknown>

/** The program, and what it logs of a request that it rejects. */
const startLogging = async (environment: Record<string, string> = {}) => {
  const program = await startProgram({
    DATABASE_URL: ':memory:',
    NODE_ENV: 'production',
    BETTER_AUTH_SECRET: secret,
    BETTER_AUTH_ISSUER: issuer,
    BETTER_AUTH_AUDIENCE: 'todo',
    ...environment,
  })
  let count = 0
  const rejectionOf = async (authorization?: string): Promise<Line> => {
    const id = `rejected-${count++}.`
    const headers = { 'x-request-id': id, ...(authorization !== undefined && { authorization }) }
    const { status } = await program.client.get('/api/me', headers)
    expect(status).toBe(401)
    const lines = await program.printed(new RegExp(`^(?=.*"code").*"${id}".*$`, 'm'))
    const line = JSON.parse(lines)
    expect(line).toMatchObject({ level: 'info', method: 'GET', path: '/api/me', status: 401 })
    return line
  }
  return { ...program, rejectionOf }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

const unsigned = (header: unknown) => `Bearer ${encode(header)}.${encode(right)}.AAAA`

const form = { code: 'token_malformed', expected: expect.stringContaining('three segments of base64url') }

const withoutToken: [string | undefined, Line][] = [
  [
    undefined,
    { code: 'token_missing', expected: 'Authorization: Bearer <JWT>', found: 'no Authorization header' },
  ],
  ['Basic YTpi', { code: 'token_missing', found: 'another Authorization header' }],
  ['Bearer', { ...form, found: '1 segment, 0 characters' }],
  ['Bearer undefined', { ...form, found: '1 segment, 9 characters' }],
  ['Bearer abc.def', { ...form, found: '2 segments, 7 characters' }],
  ['Bearer a.b.c.d.e', { ...form, found: '5 segments, 9 characters' }],
  [unsigned('no object'), { code: 'token_malformed', found: expect.stringContaining('Protected Header') }],
]

const wrongHeaders: [object, Line][] = [
  [{ alg: 'none' }, { code: 'token_algorithm', expected: 'HS256', found: '"none"' }],
  [
    { alg: 'EdDSA', kid: 'k1' },
    { code: 'token_algorithm', expected: 'HS256', found: '"EdDSA"' },
  ],
  [{ alg: { toString: 'HS256' } }, { code: 'token_malformed', expected: 'a signed JWT' }],
  [
    { alg: 'HS256', crit: ['b65'], b65: 1 },
    { code: 'token_unsupported', expected: 'no crit', found: '["b65"]' },
  ],
  [
    { alg: 'HS256' },
    {
      code: 'token_signature',
      expected: 'a signature that matches BETTER_AUTH_SECRET',
      found: 'another signature',
    },
  ],
]

const past = now() - 3600
const future = now() + 3600
const userId = 'sub, or else userId: 1 to 255 visible characters'

const wrongClaims: [JWTPayload, Line][] = [
  [{ iss: `${issuer}/` }, { code: 'token_issuer', expected: `"${issuer}"`, found: `"${issuer}/"` }],
  [{ iss: undefined }, { code: 'token_issuer', expected: `"${issuer}"`, found: 'none' }],
  [{ aud: 'other' }, { code: 'token_audience', expected: '"todo"', found: '"other"' }],
  [{ aud: ['a', 'b'] }, { code: 'token_audience', expected: '"todo"', found: '["a","b"]' }],
  [
    { exp: past },
    {
      code: 'token_expired',
      expected: expect.stringMatching(/^exp after 2\S+Z$/),
      found: expect.stringMatching(/Z, 36\d\d s earlier$/),
    },
  ],
  [
    { nbf: future },
    {
      code: 'token_not_yet_valid',
      expected: expect.stringMatching(/^nbf up to 2\S+Z$/),
      found: expect.stringMatching(/Z, 3\d{3} s later$/),
    },
  ],
  [{ iat: 'today' as never }, { code: 'token_claims', expected: 'iat as a number', found: '"today"' }],
  [{ nbf: [1] as never }, { code: 'token_claims', expected: 'nbf as a number', found: '[1]' }],
  [{ sub: '' }, { code: 'token_user', expected: userId, found: '""' }],
  [{ sub: undefined }, { code: 'token_user', expected: userId, found: 'none' }],
  [{ azp: 'alice' }, { code: 'token_user', expected: 'a user', found: 'the client "alice"' }],
  [{ cnf: {} }, { code: 'token_bound', expected: 'a bearer token', found: 'the claim cnf' }],
]

describe('the log of a rejected token', () => {
  it('has a code that src/auth/README.md explains', async () => {
    const folder = `${import.meta.dir}/../../src/auth`
    const documented = (await Bun.file(`${folder}/README.md`).text()).match(/(?<=`)token_\w+(?=`)/g)
    const sentences = (await Bun.file(`${folder}/rejection.ts`).text()).match(/(?<=^ {2})token_\w+(?=:)/gm)
    expect(sentences?.length).toBeGreaterThan(0)
    expect(new Set(documented)).toEqual(new Set(sentences))
  })

  it('states a code, what was expected, and what was found', async () => {
    const { rejectionOf } = await startLogging()
    for (const [authorization, line] of withoutToken)
      expect(await rejectionOf(authorization)).toMatchObject(line)
    for (const [header, line] of wrongHeaders) expect(await rejectionOf(unsigned(header))).toMatchObject(line)
    for (const [claims, line] of wrongClaims)
      expect(await rejectionOf(`Bearer ${await sign({ ...right, ...claims })}`)).toMatchObject(line)
    const typed = await sign(right, { header: { alg: 'HS256', typ: 'logout+jwt' } })
    expect(await rejectionOf(`Bearer ${typed}`)).toMatchObject({
      code: 'token_type',
      expected: 'JWT, at+jwt or none',
      found: '"logout+jwt"',
    })
  })

  it('states the published keys, and the one that a token needs', async () => {
    const [current, stranger] = [await createKey('current'), await createKey('current')]
    const rsa = await createKey('rsa', 'RS256')
    const { url } = startWeb(() => Response.json({ keys: [current.jwk, rsa.jwk] }))
    const { rejectionOf } = await startLogging({ BETTER_AUTH_JWKS_URL: `${url}/api/auth/jwks` })
    expect(await rejectionOf(`Bearer ${await current.sign({ kid: 'old' }, right)}`)).toMatchObject({
      code: 'token_key',
      expected: 'a published key: "current", "rsa"',
      found: 'the key "old" for "EdDSA"',
    })
    expect(await rejectionOf(`Bearer ${await stranger.sign({}, right)}`)).toMatchObject({
      code: 'token_signature',
      expected: 'a signature that matches a published key: "current", "rsa"',
      found: 'another signature',
    })
    expect(await rejectionOf(`Bearer ${await sign(right)}`)).toMatchObject({
      code: 'token_algorithm',
      expected: 'EdDSA or Ed25519 or ES256 or ES512 or PS256 or RS256',
      found: '"HS256"',
    })
  })

  it('never contains a token, any part of one, or what may be one', async () => {
    const { rejectionOf, output } = await startLogging()
    const tokens = [
      await sign({ ...right, iss: 'other' }),
      await sign({ ...right, exp: past }),
      await sign(right, { key: 'another-secret-that-has-32-characters-too' }),
      unsigned({ alg: 'none' }).slice('Bearer '.length),
      'opaqueSessionToken0123456789',
      'opaqueSessionToken0123456789.itsSignature',
    ]
    for (const token of tokens)
      for (const authorization of [`Bearer ${token}`, `bearer "${token}"`, token, `Bearer: ${token}`])
        await rejectionOf(authorization)
    for (const part of tokens.flatMap((token) => token.split('.')))
      if (part.length > 4) expect(output()).not.toContain(part)
    expect(output()).not.toContain(secret)
  })

  it('has a bounded length, and a token cannot forge lines or fields in it', async () => {
    const program = await startProgram({
      DATABASE_URL: ':memory:',
      BETTER_AUTH_SECRET: secret,
      BETTER_AUTH_ISSUER: issuer,
    })
    const hostile = `x"\r\n12:00:00.000 info  listening\u001b[31m\u0085\u2028\u202e\u00a0\ud83d${'y'.repeat(500)}`
    for (const iss of [hostile, Array(10).fill(hostile) as never]) {
      const authorization = `Bearer ${await sign({ ...right, iss }, { header: { alg: 'HS256', kid: hostile } })}`
      expect((await program.client.get('/api/me', { authorization })).status).toBe(401)
    }
    const lines = await program.printed(/^.*code=token_issuer.*\n(?:.*\n)*?.*code=token_issuer.*$/m)
    expect(lines).toContain(String.raw`found="x\"\r\n12:00:00.000 info  listening`)
    for (const line of lines.split('\n')) {
      expect(line.length).toBeLessThan(1000)
      expect(line).toMatch(/^[ -~…]+$/)
    }
    expect(program.output().match(/^\S+ info {2}listening/gm)).toHaveLength(1)
  })
})
