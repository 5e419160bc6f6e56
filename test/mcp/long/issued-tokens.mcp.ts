import { expect, it } from 'bun:test'
import { createClient } from '../../support/client'
import { callback, consent, startBoth } from '../support/oauth'
import { callRaw } from '../support/raw'

it('tokens that a real Better Auth issues for other purposes are rejected', async () => {
  const { issuer, service, resource } = await startBoth()
  const alice = await issuer.signUp('alice')
  const auth = `${issuer.url}/api/auth/oauth2`
  const registered = await fetch(`${auth}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Assistant',
      application_type: 'native',
      redirect_uris: [callback],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
    }),
  })
  const { client_id } = (await registered.json()) as { client_id: string }
  const verifier = 'a-verifier-that-is-long-enough-for-the-specification'
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  const challenge = Buffer.from(digest).toString('base64url')
  /** The tokens of a sign-in that names no resource, or this one. */
  const signIn = async (extra: Record<string, string>) => {
    const url = new URL(`${auth}/authorize`)
    url.search = String(
      new URLSearchParams({
        response_type: 'code',
        client_id,
        redirect_uri: callback,
        scope: 'openid',
        state: 'state',
        code_challenge: challenge,
        code_challenge_method: 'S256',
        ...extra,
      }),
    )
    const code = (await consent(url, issuer, alice)).get('code') ?? ''
    const exchanged = await fetch(`${auth}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        client_id,
        redirect_uri: callback,
        code_verifier: verifier,
        ...extra,
      }),
    })
    return (await exchanged.json()) as { access_token: string; id_token: string }
  }
  const statusOf = async (token: string) =>
    (await callRaw(createClient(service.url, { authorization: `Bearer ${token}` }), 'list_tasks', {})).status

  const opaque = await signIn({})
  expect(opaque.access_token.split('.')).toHaveLength(1)
  expect(await statusOf(opaque.access_token)).toBe(401)
  expect(opaque.id_token.split('.')).toHaveLength(3)
  expect(await statusOf(opaque.id_token)).toBe(401)
  const bound = await signIn({ resource })
  expect(await statusOf(bound.access_token)).toBe(200)
  expect(await statusOf(bound.id_token)).toBe(401)
  expect(service.output()).toContain('code=token_malformed')
  expect(service.output()).toContain('code=token_audience')
})
