import { expect, it } from 'bun:test'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { cleanUp } from '../../support/cleanup'
import { createClient } from '../../support/client'
import { revision } from '../support/clients'
import { consent, createProvider, startBoth } from '../support/oauth'
import { callRaw } from '../support/raw'

type Provider = ReturnType<typeof createProvider>['provider']

/** A client that connects or, if it is not signed in yet, fails and then takes the code of the sign-in. */
interface Attempt {
  connected: Promise<void>
  finishAuth(answer: URLSearchParams): Promise<void>
  version(): string | undefined
  addTask(title: string): Promise<unknown>
}

const info = { name: 'test', version: '1.0.0' }

const connectNew =
  (mode: 'auto' | 'legacy') =>
  (url: URL, authProvider: Provider): Attempt => {
    const transport = new StreamableHTTPClientTransport(url, { authProvider })
    const client = new Client(info, { versionNegotiation: { mode } })
    cleanUp(() => client.close())
    return {
      connected: client.connect(transport),
      finishAuth: (answer) => transport.finishAuth(answer),
      version: () => client.getNegotiatedProtocolVersion(),
      addTask: async (title) =>
        (await client.callTool({ name: 'add_task', arguments: { title } })).structuredContent,
    }
  }

const connectOld = (url: URL, authProvider: Provider): Attempt => {
  const transport = new OldTransport(url, { authProvider })
  const client = new OldClient(info)
  cleanUp(() => client.close())
  return {
    connected: client.connect(transport),
    finishAuth: (answer) => transport.finishAuth(answer.get('code') ?? ''),
    version: () => transport.protocolVersion,
    addTask: async (title) =>
      (await client.callTool({ name: 'add_task', arguments: { title } })).structuredContent,
  }
}

it.each([
  ['the client that negotiates', revision, connectNew('auto')],
  ['the client of the revision before', '2025-11-25', connectNew('legacy')],
  ['the SDK of the revision before', '2025-11-25', connectOld],
] as const)(
  '%s signs a user in through a real Better Auth, and calls a tool',
  async (_, version, connect) => {
    const { issuer, service, resource } = await startBoth()
    const alice = await issuer.signUp('alice')
    const assistant = createProvider()
    const first = connect(new URL(resource), assistant.provider)
    await expect(first.connected).rejects.toThrow()
    expect(assistant.authorizationUrl.searchParams.get('resource')).toBe(resource)
    expect(assistant.authorizationUrl.searchParams.get('code_challenge_method')).toBe('S256')
    await first.finishAuth(await consent(assistant.authorizationUrl, issuer, alice))

    const second = connect(new URL(resource), assistant.provider)
    await second.connected
    expect(second.version()).toBe(version)
    expect(await second.addTask('Milk')).toMatchObject({ title: 'Milk', user_id: alice.id })

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
