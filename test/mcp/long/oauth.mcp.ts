import { expect, it } from 'bun:test'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { createClient } from '../../support/client'
import { revision } from '../support/clients'
import { consent, createProvider, startBoth } from '../support/oauth'
import { callRaw } from '../support/raw'

it.each(['auto', 'legacy'] as const)(
  'an assistant (%s) signs a user in through a real Better Auth, and calls a tool',
  async (mode) => {
    const { issuer, service, resource } = await startBoth()
    const alice = await issuer.signUp('alice')
    const assistant = createProvider()
    const connect = async () => {
      const transport = new StreamableHTTPClientTransport(new URL(resource), {
        authProvider: assistant.provider,
      })
      const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } })
      return { transport, client, connected: client.connect(transport) }
    }
    const first = await connect()
    await expect(first.connected).rejects.toThrow()
    expect(assistant.authorizationUrl.searchParams.get('resource')).toBe(resource)
    expect(assistant.authorizationUrl.searchParams.get('code_challenge_method')).toBe('S256')
    await first.transport.finishAuth(await consent(assistant.authorizationUrl, issuer, alice))

    const { client, connected } = await connect()
    await connected
    if (mode === 'auto') expect(client.getNegotiatedProtocolVersion()).toBe(revision)
    const { structuredContent } = await client.callTool({ name: 'add_task', arguments: { title: 'Milk' } })
    expect(structuredContent).toMatchObject({ title: 'Milk', user_id: alice.id })
    await client.close()

    // The same rows as with the token of a session.
    const session = createClient(service.url, { authorization: `Bearer ${await alice.token()}` })
    expect((await session.get('/api/tasks')).body.data).toMatchObject([{ title: 'Milk', user_id: alice.id }])

    const claims = decodeJwt(assistant.accessToken)
    expect([claims.aud].flat()).toContain(resource)
    expect(claims.iss).toBe(`${issuer.url}/api/auth`)
    expect(decodeProtectedHeader(assistant.accessToken).typ).toBe('at+jwt')

    // Neither token opens what is the other's.
    const bearer = createClient(service.url, { authorization: `Bearer ${assistant.accessToken}` })
    expect((await callRaw(bearer, 'list_tasks', {})).status).toBe(200)
    expect((await bearer.get('/api/tasks')).status).toBe(401)
    expect((await callRaw(session, 'list_tasks', {})).status).toBe(401)
  },
)
