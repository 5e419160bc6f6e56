import { describe, expect, it } from 'bun:test'
import { startService } from '../support/service'
import { sign } from '../support/tokens'

const environment = { BETTER_AUTH_ISSUER: 'https://app.example', BETTER_AUTH_AUDIENCE: 'todo' }
const right = { sub: 'alice', iss: 'https://app.example', aud: 'todo' }

const refusals: [string, object, string][] = [
  ['no iss', { iss: undefined }, 'The access token comes from another issuer.'],
  ['another iss', { iss: 'https://app.example/' }, 'The access token comes from another issuer.'],
  ['no aud', { aud: undefined }, 'The access token is meant for another audience.'],
  ['another aud', { aud: 'todo2' }, 'The access token is meant for another audience.'],
  ['other auds', { aud: ['a', 'b'] }, 'The access token is meant for another audience.'],
]

describe('an expected issuer and audience', () => {
  it('must be those of the token, one audience of many being enough', async () => {
    const service = await startService('SQLite', environment)
    for (const claims of [right, { ...right, aud: ['other', 'todo'] }]) {
      const authorization = `Bearer ${await sign(claims)}`
      expect((await service.get('/api/me', { authorization })).status).toBe(200)
    }
  })

  it.each(refusals)('keep a token with %s out', async (_, change, detail) => {
    const service = await startService('SQLite', environment)
    const authorization = `Bearer ${await sign({ ...right, ...change })}`
    expect(await service.get('/api/me', { authorization })).toMatchObject({ status: 401, body: { detail } })
  })
})
