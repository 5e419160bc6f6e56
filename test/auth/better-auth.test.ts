import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { decodeProtectedHeader } from 'jose'
import { type Recipe, startBetterAuth } from '../support/better-auth'
import { createClient } from '../support/client'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

const algorithms = ['EdDSA', 'ES256', 'ES512', 'PS256', 'RS256'] as const

const recipes: [string, string, Recipe][] = [
  ['the jwt plugin as it comes', 'EdDSA', { kind: 'jwks' }],
  ...algorithms.map((alg): [string, string, Recipe] => [
    `the jwt plugin with ${alg}`,
    alg,
    // Better Auth's type for each algorithm has options of its own; alg alone is right for all.
    { kind: 'jwks', options: { jwks: { keyPairConfig: { alg } as { alg: 'EdDSA' } } } },
  ]),
  ["the README's recipe", 'EdDSA', { kind: 'jwks', options: { jwt: { definePayload: () => ({}) } } }],
  ['the shared secret', 'HS256', { kind: 'hs256' }],
]

describe('a real Better Auth', () => {
  it.each(recipes)('signs tokens that are accepted with %s', async (_, alg, recipe) => {
    const issuer = await startBetterAuth(recipe)
    const environment: Record<string, string> =
      recipe.kind === 'jwks'
        ? {
            BETTER_AUTH_JWKS_URL: issuer.jwksUrl,
            BETTER_AUTH_ISSUER: issuer.url,
            BETTER_AUTH_AUDIENCE: issuer.url,
          }
        : {}
    const service = await startService('SQLite', environment)
    const alice = await issuer.signUp('alice')
    const token = await alice.token()
    expect(decodeProtectedHeader(token).alg).toBe(alg)
    const client = createClient(service.url, { authorization: `Bearer ${token}` })
    expect(await client.get('/api/me')).toMatchObject({ status: 200, body: { user_id: alice.id } })
    const made = await client.post('/api/tasks', { title: 'Milk' })
    expect(made).toMatchObject({ status: 201, body: { user_id: alice.id } })

    const bob = await issuer.signUp('bob')
    const other = createClient(service.url, { authorization: `Bearer ${await bob.token()}` })
    expect((await other.get('/api/tasks')).body.data).toEqual([])
  })

  it('is the only issuer if its published keys are configured', async () => {
    const issuer = await startBetterAuth({ kind: 'jwks' })
    const service = await startService('SQLite', { BETTER_AUTH_JWKS_URL: issuer.jwksUrl })
    const withSecret = await service.as('alice')
    const { status, body } = await withSecret.get('/api/me')
    expect(status).toBe(401)
    expect(body.detail).toBe('The access token is signed with an algorithm that is not accepted.')
  })
})
