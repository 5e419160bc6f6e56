import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { createClient } from '../support/client'
import { startWeb } from '../support/key-server'
import { startService } from '../support/service'
import { sign, tokenOf } from '../support/tokens'
import { callRaw } from './support/raw'

setDefaultTimeout(60_000)

const resource = 'https://api.example/todo/mcp'

/** The service for the tokens of an issuer whose key the test has. */
const start = async (environment: Record<string, string> = {}) => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key', alg: 'EdDSA' }
  const { url: app } = startWeb(() => Response.json({ keys: [jwk] }))
  const issuer = `${app}/api/auth`
  const service = await startService('SQLite', {
    BETTER_AUTH_JWKS_URL: `${issuer}/jwks`,
    BETTER_AUTH_ISSUER: app,
    BETTER_AUTH_AUDIENCE: app,
    MCP_RESOURCE: resource,
    ...environment,
  })
  const valid = { sub: 'alice', iss: issuer, aud: resource, client_id: 'assistant', azp: 'assistant' }
  const as = async (claims: JWTPayload, header = {}) => {
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', kid: 'key', typ: 'at+jwt', ...header })
      .setExpirationTime('5m')
      .sign(privateKey)
    return createClient(service.url, { authorization: `Bearer ${token}` })
  }
  return { service, app, issuer, valid, as }
}

const metadataUrl = 'https://api.example/todo/.well-known/oauth-protected-resource/mcp'

describe('with MCP_RESOURCE, /mcp', () => {
  it('accepts a token whose audience is or includes it', async () => {
    const { as, valid, issuer } = await start()
    for (const aud of [resource, [resource], [`${issuer}/oauth2/userinfo`, resource]]) {
      const { status, body } = await callRaw(await as({ ...valid, aud }), 'add_task', { title: 'Milk' })
      expect(status).toBe(200)
      expect(body.result.structuredContent.user_id).toBe('alice')
    }
  })

  const rejected: [string, (valid: JWTPayload, app: string) => JWTPayload, string][] = [
    ['of a session', (_, app) => ({ sub: 'alice', iss: app, aud: app }), 'comes from another issuer'],
    [
      'for another audience',
      (valid) => ({ ...valid, aud: 'https://other.example/mcp' }),
      'meant for another audience',
    ],
    [
      'for several other audiences',
      (valid, app) => ({ ...valid, aud: [app, `${resource}/`] }),
      'meant for another audience',
    ],
    ['without an audience', ({ aud, ...rest }) => rest, 'meant for another audience'],
    [
      'that is an ID token',
      (valid) => ({ ...valid, aud: 'assistant', nonce: 'n' }),
      'meant for another audience',
    ],
    [
      'of another issuer',
      (valid) => ({ ...valid, iss: 'https://evil.example' }),
      'comes from another issuer',
    ],
    ['without an issuer', ({ iss, ...rest }) => rest, 'comes from another issuer'],
    ['that is bound to a key', (valid) => ({ ...valid, cnf: { jkt: 'thumbprint' } }), 'bound to a key'],
    ['of a client that acts for itself', (valid) => ({ ...valid, sub: 'assistant' }), 'does not name a user'],
    [
      'of a client that only client_id names',
      ({ azp, ...rest }) => ({ ...rest, sub: 'assistant' }),
      'does not name a user',
    ],
    [
      'of a client that only azp names',
      ({ client_id, ...rest }) => ({ ...rest, sub: 'assistant' }),
      'does not name a user',
    ],
    [
      'of a client that userId names',
      ({ sub, ...rest }) => ({ ...rest, userId: 'assistant' }),
      'does not name a user',
    ],
    ['without a user', ({ sub, ...rest }) => rest, 'does not name a user'],
  ]
  it('rejects other tokens, each with a challenge', async () => {
    const { as, valid, app } = await start()
    for (const [which, toClaims, sentence] of rejected) {
      const { status, headers, body } = await callRaw(await as(toClaims(valid, app)), 'list_tasks', {})
      expect({ which, status }).toEqual({ which, status: 401 })
      expect(body.detail).toContain(sentence)
      expect(headers.get('www-authenticate')).toBe(
        `Bearer error="invalid_token", error_description="${body.detail}", resource_metadata="${metadataUrl}"`,
      )
    }
  })

  it('rejects a token of another kind of signature or type, and one that is no JWT', async () => {
    const { service, as, valid } = await start()
    const typed = await as(valid, { typ: 'dpop+jwt' })
    const shared = createClient(service.url, { authorization: `Bearer ${await tokenOf('alice')}` })
    const opaque = createClient(service.url, { authorization: 'Bearer n7WkQx0hYk2mT5rLs9fV' })
    for (const client of [typed, shared, opaque]) {
      const { status, headers } = await callRaw(client, 'list_tasks', {})
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toContain(`resource_metadata="${metadataUrl}"`)
    }
  })

  it('challenges who has no token, and leaves /api as it is', async () => {
    const { service, as, valid, app } = await start()
    const { status, headers } = await callRaw(service, 'list_tasks', {})
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${metadataUrl}"`)
    expect((await service.get('/api/tasks')).headers.get('www-authenticate')).toBe('Bearer')
    expect((await (await as(valid)).get('/api/tasks')).status).toBe(401)
    const session = await as({ sub: 'alice', iss: app, aud: app })
    expect((await session.get('/api/tasks')).status).toBe(200)
  })

  it('and /api reject the same tokens if both accept the same ones', async () => {
    const service = await startService('SQLite')
    for (const claims of [
      { sub: 'alice', cnf: {} },
      { sub: 'assistant', client_id: 'assistant' },
      { userId: 'assistant', client_id: 'assistant' },
      { userId: 'assistant', azp: 'assistant' },
    ]) {
      const authorization = `Bearer ${await sign(claims)}`
      const client = createClient(service.url, { authorization })
      expect((await callRaw(client, 'list_tasks', {})).status).toBe(401)
      expect((await client.get('/api/me')).status).toBe(401)
    }
  })

  it('expects the issuer of MCP_ISSUER', async () => {
    const { as, valid } = await start({ MCP_ISSUER: 'https://login.example' })
    expect((await callRaw(await as(valid), 'list_tasks', {})).status).toBe(401)
    const other = await as({ ...valid, iss: 'https://login.example' })
    expect((await callRaw(other, 'list_tasks', {})).status).toBe(200)
  })
})

describe('the metadata of the resource', () => {
  const paths = ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource']

  it.each(paths)('is at %s, for every page, and may be cached', async (path) => {
    const { service, issuer } = await start()
    for (const origin of ['https://anybody.example', 'http://localhost:3000']) {
      const { status, headers, body } = await service.get(path, { origin })
      expect(status).toBe(200)
      expect(body).toMatchObject({
        resource,
        authorization_servers: [issuer],
        bearer_methods_supported: ['header'],
      })
      expect(headers.get('content-type')).toStartWith('application/json')
      expect(headers.get('cache-control')).toBe('public, max-age=3600')
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.has('access-control-allow-credentials')).toBe(false)
    }
    const preflight = await service.send('OPTIONS', path, undefined, {
      origin: 'https://anybody.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'mcp-protocol-version',
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-headers')).toBe('mcp-protocol-version')
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET')
    expect(preflight.headers.get('vary')).toBe('Origin, Access-Control-Request-Headers')
    expect((await service.post(path)).status).toBe(405)
  })

  it('does not exist unless MCP_RESOURCE is set', async () => {
    const service = await startService('SQLite')
    for (const path of paths) expect((await service.get(path)).status).toBe(404)
  })

  it.each([
    ['https://api.example/mcp', 'https://api.example/.well-known/oauth-protected-resource/mcp'],
    ['https://mcp.example/', 'https://mcp.example/.well-known/oauth-protected-resource'],
    ['https://mcp.example/tasks', 'https://mcp.example/.well-known/oauth-protected-resource/tasks'],
    ['https://api.example/mcp/', 'https://api.example/.well-known/oauth-protected-resource/mcp'],
    ['https://api.example/todo/mcp', 'https://api.example/todo/.well-known/oauth-protected-resource/mcp'],
  ])('of %s is announced at %s, and served there', async (resource, address) => {
    const { service } = await start({ MCP_RESOURCE: resource })
    const { headers } = await callRaw(service, 'list_tasks', {})
    expect(headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${address}"`)
    // A proxy strips the prefix of /mcp from both.
    const path = new URL(address).pathname.replace(/^\/todo/, '')
    expect((await service.get(path)).body).toMatchObject({ resource })
  })
})
