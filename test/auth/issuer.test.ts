import { describe, expect, it } from 'bun:test'
import type { JWTPayload } from 'jose'
import { createKey, startWeb } from '../support/key-server'
import { startService } from '../support/service'
import { now, sign } from '../support/tokens'

const environment = { BETTER_AUTH_ISSUER: 'https://app.example', BETTER_AUTH_AUDIENCE: 'todo' }
const right = { sub: 'alice', iss: 'https://app.example', aud: 'todo' }

const otherIssuer = 'The access token comes from another issuer.'
const otherAudience = 'The access token is meant for another audience.'

const refusals: [string, Record<string, unknown>, string][] = [
  ['no iss', { iss: undefined }, otherIssuer],
  ['another iss', { iss: 'https://app.example/' }, otherIssuer],
  ['no aud', { aud: undefined }, otherAudience],
  ['another aud', { aud: 'todo2' }, otherAudience],
  ['other auds', { aud: ['a', 'b'] }, otherAudience],
  ['a past exp', { exp: now() - 1 }, 'The access token has expired.'],
  ['a future nbf', { nbf: now() + 60 }, 'The access token is not valid yet.'],
  ['an exp that is no number', { exp: 'soon' }, 'The access token holds a claim that is not valid.'],
]

/** A service for each kind of key, and the function that signs its tokens. */
const kindsOfKeys = [
  [
    'the shared secret',
    async () => ({
      service: await startService('SQLite', environment),
      sign: (claims: JWTPayload) => sign({ ...right, ...claims }),
    }),
  ],
  [
    'published keys',
    async () => {
      const key = await createKey('own')
      const { url } = startWeb(() => Response.json({ keys: [key.jwk] }))
      return {
        service: await startService('SQLite', { ...environment, BETTER_AUTH_JWKS_URL: `${url}/jwks` }),
        sign: (claims: JWTPayload) => key.sign({}, { ...right, ...claims }),
      }
    },
  ],
] as const

describe.each(kindsOfKeys)('with %s', (_, start) => {
  it('a token is accepted from the expected issuer, for the expected audience among others', async () => {
    const { service, sign } = await start()
    for (const claims of [{}, { aud: ['other', 'todo'] }]) {
      const authorization = `Bearer ${await sign(claims)}`
      expect((await service.get('/api/me', { authorization })).status).toBe(200)
    }
  })

  it.each(refusals)('a token is rejected with %s', async (_, change, detail) => {
    const { service, sign } = await start()
    const authorization = `Bearer ${await sign(change)}`
    expect(await service.get('/api/me', { authorization })).toMatchObject({ status: 401, body: { detail } })
  })
})
