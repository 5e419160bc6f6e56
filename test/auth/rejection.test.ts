import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { cleanUp } from '../support/cleanup'
import { startProgram } from '../support/program'
import { now, secret, sign } from '../support/tokens'

setDefaultTimeout(30_000)

const issuer = 'https://app.example'
const right = { sub: 'alice', iss: issuer, aud: 'todo' }

type Line = Record<string, unknown>

/** The program, and what it logs of a request that it rejects. */
const startLogging = async (environment: Record<string, string>) => {
  const program = await startProgram({
    DATABASE_URL: ':memory:',
    NODE_ENV: 'production',
    BETTER_AUTH_SECRET: secret,
    ...environment,
  })
  let count = 0
  const rejectionOf = async (authorization?: string): Promise<Line> => {
    const id = `rejected-${count++}.`
    const headers = { 'x-request-id': id, ...(authorization !== undefined && { authorization }) }
    const { status } = await program.client.get('/api/me', headers)
    expect(status).toBe(401)
    const line = JSON.parse(await program.printed(new RegExp(`^.*"token rejected".*"${id}".*$`, 'm')))
    expect(line).toMatchObject({ level: 'info', method: 'GET', path: '/api/me', status: 401 })
    return line
  }
  return { ...program, rejectionOf }
}

const expectingOrigin = { BETTER_AUTH_ISSUER: issuer, BETTER_AUTH_AUDIENCE: 'todo' }

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

const unsigned = (header: unknown) => `${encode(header)}.${encode(right)}.AAAA`

const withoutToken: [string, string | undefined, Line][] = [
  ['no header', undefined, { code: 'token_missing', found: 'no Authorization header' }],
  ['another scheme', 'Basic YTpi', { code: 'token_missing', found: 'the scheme "Basic"' }],
  ['no token', 'Bearer', { code: 'token_malformed', found: 'nothing' }],
  ['a value not yet there', 'Bearer undefined', { code: 'token_malformed', found: '"undefined"' }],
  ['a session token', 'Bearer abc.def', { found: '2 segments, 7 characters', hint: expect.any(String) }],
  ['an encrypted token', 'Bearer a.b.c.d.e', { found: '5 segments, 9 characters' }],
]

const wrongClaims: [string, JWTPayload, Line][] = [
  ['iss', { iss: `${issuer}/` }, { code: 'token_issuer', expected: `"${issuer}"`, found: `"${issuer}/"` }],
  ['no iss', { iss: undefined }, { code: 'token_issuer', found: 'none', iss: 'none' }],
  ['aud', { aud: 'other' }, { code: 'token_audience', expected: '"todo"', found: '"other"' }],
  ['auds', { aud: ['a', 'b'] }, { code: 'token_audience', found: '["a", "b"]' }],
  [
    'exp',
    { exp: now() - 3600 },
    { code: 'token_expired', found: expect.stringMatching(/Z, 36\d\d s earlier$/) },
  ],
  [
    'nbf',
    { nbf: now() + 3600 },
    { code: 'token_not_yet_valid', found: expect.stringMatching(/Z, 3\d{3} s later$/) },
  ],
  [
    'iat',
    { iat: 'today' as never },
    { code: 'token_claims', expected: 'iat as a number', found: 'a text of 5 characters' },
  ],
  ['sub', { sub: '' }, { code: 'token_user', found: 'sub a text of 0 characters, userId none' }],
]

const wrongHeaders: [string, unknown, Line][] = [
  ['alg none', { alg: 'none' }, { code: 'token_algorithm', expected: 'HS256', found: '"none"' }],
  [
    'the alg of a key pair',
    { alg: 'EdDSA', kid: 'k1' },
    { code: 'token_algorithm', kid: '"k1"', hint: expect.stringContaining('BETTER_AUTH_JWKS_URL') },
  ],
  [
    'a critical header',
    { alg: 'HS256', crit: ['b64'], b64: true },
    { code: 'token_unsupported', expected: 'no crit', found: '["b64"]' },
  ],
  ['another signature', { alg: 'HS256' }, { code: 'token_signature', alg: '"HS256"', iss: `"${issuer}"` }],
]

describe('the log of a rejected token', () => {
  it('has a code that src/auth/README.md explains', async () => {
    const codesIn = async (file: string) =>
      new Set(
        (await Bun.file(`${import.meta.dir}/../../src/auth/${file}`).text()).match(
          /(?<=['`])token_\w+(?=['`])/g,
        ),
      )
    const documented = await codesIn('README.md')
    expect(documented.size).toBeGreaterThan(0)
    expect(await codesIn('errors.ts')).toEqual(documented)
  })

  it.each(withoutToken)('states what came with %s', async (_, authorization, line) => {
    const { rejectionOf } = await startLogging({})
    expect(await rejectionOf(authorization)).toMatchObject(line)
  })

  it.each(wrongClaims)('states what was expected and found: %s', async (_, claims, line) => {
    const { rejectionOf } = await startLogging(expectingOrigin)
    const rejection = await rejectionOf(`Bearer ${await sign({ ...right, ...claims })}`)
    expect(rejection).toMatchObject({ alg: '"HS256"', typ: 'none', kid: 'none', ...line })
    expect(rejection.expected).toBeString()
  })

  it.each(wrongHeaders)('states what was expected and found: %s', async (_, header, line) => {
    const { rejectionOf } = await startLogging(expectingOrigin)
    expect(await rejectionOf(`Bearer ${unsigned(header)}`)).toMatchObject(line)
  })

  it('states the type of a token that is no access token', async () => {
    const { rejectionOf } = await startLogging({})
    const header = { alg: 'HS256', typ: 'logout+jwt' }
    expect(await rejectionOf(`Bearer ${await sign(right, { header })}`)).toMatchObject({
      code: 'token_type',
      expected: 'JWT, at+jwt or none',
      found: '"logout+jwt"',
    })
  })

  it('hints at the difference of a near miss, and at none otherwise', async () => {
    const { rejectionOf } = await startLogging(expectingOrigin)
    const hintAt = async (claims: JWTPayload) =>
      (await rejectionOf(`Bearer ${await sign({ ...right, ...claims })}`)).hint
    expect(await hintAt({ iss: `${issuer}/` })).toMatch(/differ only by a trailing slash.*BETTER_AUTH_ISSUER/)
    expect(await hintAt({ iss: `${issuer}/api/auth` })).toMatch(/only by the path \/api\/auth/)
    expect(await hintAt({ aud: ['x', 'todo/'] })).toMatch(/only by a trailing slash.*BETTER_AUTH_AUDIENCE/)
    expect(await hintAt({ iss: 'https://evil.example' })).toBeUndefined()
  })

  it('states the published keys, and the one that a token needs', async () => {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA')
    const stranger = await generateKeyPair('EdDSA')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'current', alg: 'EdDSA' }
    const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => Response.json({ keys: [jwk] }) })
    cleanUp(() => server.stop(true))
    const BETTER_AUTH_JWKS_URL = `http://127.0.0.1:${server.port}/api/auth/jwks`
    const { rejectionOf } = await startLogging({ BETTER_AUTH_JWKS_URL, ...expectingOrigin })
    const rejected = async (header: JWTHeaderParameters, key = privateKey) =>
      rejectionOf(`Bearer ${await new SignJWT(right).setProtectedHeader(header).sign(key)}`)

    expect(await rejected({ alg: 'EdDSA', kid: 'old' })).toMatchObject({
      code: 'token_key',
      expected: 'a published key: "current" for "EdDSA"',
      found: 'the key "old" for "EdDSA"',
      kid: '"old"',
    })
    expect(await rejected({ alg: 'EdDSA', kid: 'current' }, stranger.privateKey)).toMatchObject({
      code: 'token_signature',
      expected: expect.stringContaining('"current"'),
    })
    expect(await rejectionOf(`Bearer ${await sign(right)}`)).toMatchObject({
      code: 'token_algorithm',
      expected: expect.stringContaining('EdDSA'),
      found: '"HS256"',
      hint: expect.stringContaining('BETTER_AUTH_JWKS_URL'),
    })
  })

  it('never contains a token, any part of one, or what may be one', async () => {
    const program = await startLogging(expectingOrigin)
    const tokens = [
      await sign({ ...right, iss: 'other' }),
      await sign({ ...right, exp: now() - 1 }),
      await sign(right, { key: 'another-secret-that-has-32-characters-too' }),
      unsigned({ alg: 'none' }),
      'opaqueSessionToken0123456789',
      'opaqueSessionToken0123456789.itsSignature',
    ]
    for (const token of tokens)
      for (const authorization of [`Bearer ${token}`, `bearer "${token}"`, token, `Bearer: ${token}`])
        await program.rejectionOf(authorization)
    for (const part of tokens.flatMap((token) => token.split('.')))
      if (part.length > 4) expect(program.output()).not.toContain(part)
    expect(program.output()).not.toContain(secret)
  })

  it('has a bounded length, and a token cannot forge lines or fields in it', async () => {
    const program = await startProgram({
      DATABASE_URL: ':memory:',
      BETTER_AUTH_SECRET: secret,
      ...expectingOrigin,
    })
    const hostile = `x"\r\n12:00:00.000 info  listening\u001b[31m\u0085\u2028\u202e\u00a0\ud83d${'y'.repeat(500)}`
    const header = { alg: 'HS256', kid: hostile, typ: 'JWT' }
    const claims = { ...right, iss: hostile, aud: Array(10).fill(hostile) }
    const authorization = `Bearer ${await sign(claims, { header })}`
    expect((await program.client.get('/api/me', { authorization })).status).toBe(401)
    const line = await program.printed(/^.*token rejected.*$/m)
    expect(line.length).toBeLessThan(2000)
    expect(line).toMatch(/ iss="x\\"\\r\\n12:00:00\.000 info /)
    expect(line).toMatch(/^[ -~…]+$/)
    expect(program.output().match(/^\S+ info {2}listening/gm)).toHaveLength(1)
  })
})
