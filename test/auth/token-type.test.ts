import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { decodeProtectedHeader } from 'jose'
import { startBetterAuth } from '../support/better-auth'
import { startService } from '../support/service'
import { now, sign } from '../support/tokens'

setDefaultTimeout(30_000)

const accepted = [undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/JWT']

const refused = [
  'better-auth.session-cache+jwt',
  'logout+jwt',
  'dpop+jwt',
  'application/logout+jwt',
  'JWE',
  'JOSE',
  'at+jwt2',
  'xJWT',
  ' JWT',
  'text/jwt',
  'application/application/jwt',
  '',
  null,
  42,
  [['JWT']],
]

const detail = 'The token is a JWT of another type than an access token.'

describe('the type of a token', () => {
  const statusOf = async (typ: unknown) => {
    const service = await startService('SQLite')
    const header = { alg: 'HS256', ...(typ !== undefined && { typ: typ as string }) }
    const token = await sign({ sub: 'alice', exp: now() + 60 }, { header })
    return service.get('/api/me', { authorization: `Bearer ${token}` })
  }

  it.each(accepted)('may be %p', async (typ) => {
    expect((await statusOf(typ)).status).toBe(200)
  })

  it.each(refused)('must not be %p', async (typ) => {
    expect(await statusOf(typ)).toMatchObject({ status: 401, body: { detail } })
  })
})

describe('what a real Better Auth signs beside access tokens', () => {
  it('with its published keys, the session in a cookie, is refused by its type', async () => {
    const issuer = await startBetterAuth({ kind: 'jwks', options: { sessionCookieCache: true } }, [], {
      session: { cookieCache: { enabled: true, strategy: 'jwt' } },
    })
    const service = await startService('SQLite', { BETTER_AUTH_JWKS_URL: issuer.jwksUrl })
    const alice = await issuer.signUp('alice')
    const cached = alice.cookies['better-auth.session_data'] ?? ''
    expect(decodeProtectedHeader(cached).typ).toBe('better-auth.session-cache+jwt')
    const statusOf = async (token: string) => service.get('/api/me', { authorization: `Bearer ${token}` })
    expect(await statusOf(cached)).toMatchObject({ status: 401, body: { detail } })
    expect((await statusOf(await alice.token())).status).toBe(200)
  })

  it('with the shared secret, the session in a cookie and links in e-mails, names no user', async () => {
    const links: string[] = []
    const issuer = await startBetterAuth({ kind: 'hs256' }, [], {
      session: { cookieCache: { enabled: true, strategy: 'jwt' } },
      emailVerification: {
        sendOnSignUp: true,
        sendVerificationEmail: async ({ token }) => void links.push(token),
      },
    })
    const service = await startService('SQLite')
    const alice = await issuer.signUp('alice')
    const signed = [alice.cookies['better-auth.session_data'] ?? '', ...links]
    expect(signed).toHaveLength(2)
    for (const token of signed) {
      expect(decodeProtectedHeader(token).alg).toBe('HS256')
      expect(await service.get('/api/me', { authorization: `Bearer ${token}` })).toMatchObject({
        status: 401,
        body: { detail: 'The access token does not name a user.' },
      })
    }
  })
})
