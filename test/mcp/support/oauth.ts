import { mcp } from '@better-auth/mcp'
import type {
  OAuthClientProvider,
  OAuthTokens,
  StoredOAuthClientInformation,
} from '@modelcontextprotocol/client'
import { createAuthMiddleware } from 'better-auth/api'
import { startBetterAuth } from '../../support/better-auth'
import { freshDatabase } from '../../support/databases'
import { freePort } from '../../support/postgres'
import { startProgram } from '../../support/program'

export const callback = 'http://localhost:9/callback'

type Issuer = Awaited<ReturnType<typeof startBetterAuth>>
export type User = Awaited<ReturnType<Issuer['signUp']>>

/** The README's recipe: Better Auth as the authorization server of the service, both running. */
export const startBoth = async (environment: Record<string, string> = {}) => {
  const port = await freePort()
  const resource = `http://localhost:${port}/mcp`
  const issuer = await startBetterAuth(
    { kind: 'jwks', options: { jwt: { definePayload: () => ({}) } } },
    [],
    {
      plugins: [
        mcp({
          loginPage: '/login',
          consentPage: '/consent',
          resource,
          allowDynamicClientRegistration: true,
          allowUnauthenticatedClientRegistration: true,
        }),
      ],
      hooks: {
        before: createAuthMiddleware(async ({ path, body }) =>
          path === '/oauth2/register'
            ? { context: { body: { application_type: 'native', ...body } } }
            : undefined,
        ),
      },
    },
  )
  const service = await startProgram({
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: await freshDatabase('SQLite'),
    BETTER_AUTH_JWKS_URL: issuer.jwksUrl,
    BETTER_AUTH_ISSUER: issuer.url,
    BETTER_AUTH_AUDIENCE: issuer.url,
    MCP_RESOURCE: resource,
    ...environment,
  })
  return { issuer, service, resource }
}

/** Does what the pages of the authorization server do for a user who is signed in and agrees. */
export const consent = async (
  authorizationUrl: URL,
  issuer: Issuer,
  user: User,
): Promise<URLSearchParams> => {
  const headers = {
    cookie: Object.entries(user.cookies)
      .map((pair) => pair.join('='))
      .join('; '),
    origin: issuer.url,
    'content-type': 'application/json',
  }
  const asked = await fetch(authorizationUrl, { headers, redirect: 'manual' })
  const page = new URL(asked.headers.get('location') ?? '', issuer.url)
  if (page.pathname !== '/consent') throw new Error(`no consent was asked for: ${asked.status} ${page}`)
  const answer = await fetch(`${issuer.url}/api/auth/oauth2/consent`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ accept: true, oauth_query: page.search.slice(1) }),
  })
  const { url, redirect_uri } = (await answer.json()) as { url?: string; redirect_uri?: string }
  return new URL(url ?? redirect_uri ?? '').searchParams
}

/** An assistant that remembers in memory what it was told. */
export const createProvider = () => {
  let client: StoredOAuthClientInformation | undefined
  let tokens: OAuthTokens | undefined
  let verifier = ''
  let authorizationUrl: URL | undefined
  const provider: OAuthClientProvider = {
    redirectUrl: callback,
    clientMetadata: {
      client_name: 'Assistant',
      redirect_uris: [callback],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () => client,
    saveClientInformation(information) {
      client = information
    },
    tokens: () => tokens,
    saveTokens(received) {
      tokens = received
    },
    redirectToAuthorization(url) {
      authorizationUrl = url
    },
    saveCodeVerifier(text) {
      verifier = text
    },
    codeVerifier: () => verifier,
  }
  return {
    provider,
    get authorizationUrl() {
      if (!authorizationUrl) throw new Error('the assistant asked for no authorization')
      return authorizationUrl
    },
    get accessToken() {
      return tokens?.access_token ?? ''
    },
  }
}
