import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { createHmac } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { startService } from '../support/service'
import { now, secret, sign } from '../support/tokens'

setDefaultTimeout(30_000)

const hour = 3600

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** Builds a token by hand, for what no library would sign. */
const byHand = (header: unknown, payload: unknown, key = secret) => {
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}

const me = async (token: string, scheme = 'Bearer') => {
  const service = await startService('SQLite')
  return service.get('/api/me', { authorization: `${scheme} ${token}` })
}

const expectRefusal = async (token: string, detail: string) => {
  const { status, body, headers } = await me(token)
  expect({ status, body }).toEqual({
    status: 401,
    body: { type: 'about:blank', title: 'Unauthorized', status: 401, detail },
  })
  expect(headers.get('content-type')).toBe('application/problem+json')
  expect(headers.get('www-authenticate')).toBe(`Bearer error="invalid_token", error_description="${detail}"`)
}

describe('a bearer token', () => {
  it('names its user by sub, or by userId if there is no sub', async () => {
    expect((await me(await sign({ sub: 'alice' }))).body).toEqual({ user_id: 'alice' })
    expect((await me(await sign({ userId: 'bob' }))).body).toEqual({ user_id: 'bob' })
    expect((await me(await sign({ sub: 'alice', userId: 'bob' }))).body).toEqual({ user_id: 'alice' })
    expect((await me(await sign({ sub: '42' }))).body).toEqual({ user_id: '42' })
  })

  it('is separated from its scheme by a blank', async () => {
    const service = await startService('SQLite')
    const token = await sign({ sub: 'alice' })
    for (const separator of ['', '-', '\t', ':'])
      expect((await service.get('/api/me', { authorization: `Bearer${separator}${token}` })).status).toBe(401)
  })

  it.each(['Bearer', 'bearer', 'BEARER'])('follows the scheme %s', async (scheme) => {
    expect((await me(await sign({ sub: 'alice' }), scheme)).status).toBe(200)
  })

  it('is required, and a challenge without an error is sent if it is missing', async () => {
    const service = await startService('SQLite')
    for (const headers of [{}, { authorization: '' }, { authorization: 'Basic YTpi' }]) {
      const { status, headers: answer } = await service.get('/api/me', headers as Record<string, string>)
      expect(status).toBe(401)
      expect(answer.get('www-authenticate')).toBe('Bearer')
    }
  })

  it('comes before bodies, ids and queries', async () => {
    const service = await startService('SQLite')
    const large = 'x'.repeat(2 * 1024 * 1024)
    const answers = [
      await service.post('/api/tasks', '{'),
      await service.post('/api/tasks', large),
      await service.post('/api/tasks', 'x', { 'content-type': 'text/plain' }),
      await service.get('/api/tasks/abc'),
      await service.get('/api/tasks?limit=0'),
    ]
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401))
  })

  it('is refused once it has expired, to the second', async () => {
    await expectRefusal(await sign({ sub: 'alice', exp: now() }), 'The access token has expired.')
    await expectRefusal(await sign({ sub: 'alice', exp: now() - hour }), 'The access token has expired.')
    expect((await me(await sign({ sub: 'alice', exp: now() + 30 }))).status).toBe(200)
  })

  it('is refused before its time', async () => {
    await expectRefusal(await sign({ sub: 'alice', nbf: now() + 30 }), 'The access token is not valid yet.')
    expect((await me(await sign({ sub: 'alice', nbf: now() }))).status).toBe(200)
    await expectRefusal(byHand({ alg: 'HS256' }, '{"sub":"a","exp":-1e400}'), 'The access token has expired.')
  })

  it('is rejected when it has expired since it was cached', async () => {
    const service = await startService('SQLite')
    const exp = now() + 2
    const authorization = `Bearer ${await sign({ sub: 'alice', exp })}`
    expect((await service.get('/api/me', { authorization })).status).toBe(200)
    while (now() < exp) await Bun.sleep(20)
    expect((await service.get('/api/me', { authorization })).status).toBe(401)
  })

  it('is refused when signed with another key', async () => {
    const token = await sign({ sub: 'alice' }, { key: 'another-secret-that-has-32-characters-too' })
    await expectRefusal(token, 'The signature of the access token is not valid.')
  })

  it('is refused with any bit of it changed', async () => {
    const service = await startService('SQLite')
    const token = await sign({ sub: 'alice', exp: now() + hour })
    const refused = async (changed: string) =>
      (await service.get('/api/me', { authorization: `Bearer ${changed}` })).status === 401
    for (let index = 0; index < token.length; index++) {
      if (token[index] === '.') continue
      const other = token[index] === 'A' ? 'B' : 'A'
      expect(await refused(token.slice(0, index) + other + token.slice(index + 1))).toBe(true)
    }
    // The last character of a signature holds two bits that decode to nothing.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const last of alphabet)
      if (!token.endsWith(last)) expect(await refused(token.slice(0, -1) + last)).toBe(true)
  })

  it.each(['none', 'None', 'HS384', 'HS512', 'RS256', 'EdDSA', 'hs256'])(
    'is refused with the algorithm %j, however it is signed',
    async (alg) => {
      const detail = 'The access token is signed with an algorithm that is not accepted.'
      await expectRefusal(byHand({ alg }, { sub: 'alice' }), detail)
    },
  )

  it('is refused without a signature', async () => {
    const [header, payload] = (await sign({ sub: 'alice' })).split('.')
    expect((await me(`${header}.${payload}.`)).status).toBe(401)
    const unsigned = `${encode({ alg: 'none' })}.${encode({ sub: 'alice' })}.`
    expect((await me(unsigned)).status).toBe(401)
  })

  it.each([
    'x',
    'a.b',
    'a.b.c',
    '..',
    'a.b.c.d',
    '=.=.=',
    `${encode({ alg: 'HS256' })}.${encode('{')}.x`,
    'é.é.é',
  ])('is refused when it is the string %j', async (token) => {
    await expectRefusal(encodeURI(token), 'The access token is not a well-formed JWT.')
  })

  it('is refused in another spelling of the same bytes', async () => {
    const token = await sign({ sub: 'alice' })
    expect((await me(`${token}=`)).status).toBe(401)
    expect((await me(`${token} x`)).status).toBe(401)
    const payload = byHand({ alg: 'HS256' }, { sub: 'alice' })
    expect((await me(payload)).status).toBe(200)
  })

  it.each<[string, JWTPayload]>([
    ['no user', {}],
    ['an empty sub', { sub: '' }],
    ['a blank sub', { sub: ' \t ' }],
    ['a sub without a visible character', { sub: '\u200b\u2800\u3164\ufeff' }],
    ['a sub with half of a pair', { sub: 'alice\ud83e' }],
    ['the client as sub', { sub: 'app', client_id: 'app' }],
    ['the client as userId', { userId: 'app', client_id: 'app' }],
    ['the client, named by azp, as sub', { sub: 'app', azp: 'app' }],
    ['an empty userId', { userId: '' }],
    ['a null userId', { userId: null }],
    ['a number for a userId', { userId: 42 }],
    ['a sub of 256 characters', { sub: 'x'.repeat(256) }],
    ['a sub with U+0000', { sub: 'alice\0' }],
    ['a sub with a line end', { sub: 'alice\n' }],
    ['a sub with DEL', { sub: 'alice\u007f' }],
  ])('is refused with %s', async (_, claims) => {
    await expectRefusal(await sign(claims), 'The access token does not name a user.')
  })

  it.each([
    ['null', null],
    ['a number', 42],
    ['an object', {}],
    ['an array', ['alice']],
    ['empty', ''],
    ['true', true],
  ])('is not accepted for its userId if sub is %s', async (_, sub) => {
    const { status } = await me(byHand({ alg: 'HS256' }, { sub, userId: 'bob' }))
    expect(status).toBe(401)
  })

  it.each([{ jkt: 'thumbprint' }, {}, null])('is refused if it is bound to a key: cnf is %j', async (cnf) => {
    const detail = 'The access token is bound to a key, which is not supported.'
    await expectRefusal(byHand({ alg: 'HS256' }, { sub: 'alice', cnf }), detail)
  })

  it('may name the client that a user signed in with', async () => {
    const token = await sign({ sub: 'alice', client_id: 'app', azp: 'app' })
    expect((await me(token)).body).toEqual({ user_id: 'alice' })
  })

  it('may bear a user id of 255 characters of any script', async () => {
    for (const id of ['ü'.repeat(255), '🥛'.repeat(255)])
      expect((await me(await sign({ sub: id }))).body).toEqual({ user_id: id })
  })

  it.each<[string, object]>([
    ['iat', { sub: 'alice', iat: 'yesterday' }],
    ['exp', { sub: 'alice', exp: 'tomorrow' }],
    ['exp', { sub: 'alice', exp: null }],
    ['nbf', { sub: 'alice', nbf: 'today' }],
  ])('is refused with an %s that is no number', async (_, claims) => {
    await expectRefusal(byHand({ alg: 'HS256' }, claims), 'The access token holds a claim that is not valid.')
  })

  it.each([
    ['an array', []],
    ['a string', '"alice"'],
    ['null', 'null'],
  ])('is refused when its payload is %s', async (_, payload) => {
    expect((await me(byHand({ alg: 'HS256' }, payload))).status).toBe(401)
  })

  it('is refused with a critical header that is not understood', async () => {
    const token = byHand({ alg: 'HS256', crit: ['x'], x: 1 }, { sub: 'alice' })
    await expectRefusal(token, 'The access token has a critical header that is not supported.')
  })

  it('is reported as badly signed before any of its claims is checked', async () => {
    const forged = byHand(
      { alg: 'HS256' },
      { sub: 'alice', exp: 'x' },
      'another-secret-that-has-32-characters-too',
    )
    await expectRefusal(forged, 'The signature of the access token is not valid.')
  })
})
