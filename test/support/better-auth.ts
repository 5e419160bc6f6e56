import { Database } from 'bun:sqlite'
import { type BetterAuthOptions, type BetterAuthPlugin, betterAuth } from 'better-auth'
import { createAuthEndpoint, sessionMiddleware } from 'better-auth/api'
import { signJWT } from 'better-auth/crypto'
import { getMigrations } from 'better-auth/db/migration'
import { type JwtOptions, jwt } from 'better-auth/plugins'
import { cleanUp } from './cleanup'
import { secret } from './tokens'

/** The README's recipe for HS256: an endpoint of one's own that signs with the shared secret. */
const sharedSecretToken = () =>
  ({
    id: 'shared-secret-token',
    endpoints: {
      getToken: createAuthEndpoint('/token', { method: 'GET', use: [sessionMiddleware] }, async (ctx) =>
        ctx.json({ token: await signJWT({ sub: ctx.context.session.user.id }, ctx.context.secret, 15 * 60) }),
      ),
    },
  }) satisfies BetterAuthPlugin

/** `options` are those of Better Auth's jwt plugin; none is how it comes. */
export type Recipe = { kind: 'jwks'; options?: JwtOptions } | { kind: 'hs256' }

/** Better Auth answers no CORS of its own: that is the work of the server around it. */
const withCors = async (
  request: Request,
  origins: string[],
  handle: (request: Request) => Promise<Response>,
) => {
  const origin = request.headers.get('origin') ?? ''
  const response = request.method === 'OPTIONS' ? new Response(null, { status: 204 }) : await handle(request)
  if (origins.includes(origin)) {
    response.headers.set('Access-Control-Allow-Origin', origin)
    response.headers.set('Access-Control-Allow-Credentials', 'true')
    response.headers.set('Access-Control-Allow-Methods', 'GET, POST')
    response.headers.set('Access-Control-Allow-Headers', 'Content-Type, Authorization')
  }
  return response
}

/** A real Better Auth on a port of its own, with an empty database. */
export const startBetterAuth = async (
  recipe: Recipe,
  origins: string[] = [],
  {
    plugins = [],
    ...more
  }: Pick<BetterAuthOptions, 'session' | 'emailVerification' | 'plugins' | 'hooks'> = {},
) => {
  let handle = async (_: Request) => new Response(null, { status: 503 })
  const start = (port: number) =>
    Bun.serve({ hostname: '127.0.0.1', port, fetch: (request) => withCors(request, origins, handle) })
  let server = start(0)
  const port = server.port ?? 0
  const url = `http://localhost:${port}`
  const database = new Database(':memory:')
  const options = {
    baseURL: url,
    secret,
    database,
    emailAndPassword: { enabled: true },
    trustedOrigins: origins,
    // Under NODE_ENV=test Better Auth would trust every origin.
    advanced: { disableOriginCheck: false },
    plugins: [recipe.kind === 'jwks' ? jwt(recipe.options) : sharedSecretToken(), ...plugins],
    ...more,
  }
  await (await getMigrations(options)).runMigrations()
  handle = betterAuth(options).handler
  cleanUp(() => server.stop(true))

  return {
    url,
    jwksUrl: `${url}/api/auth/jwks`,
    /** Takes all keys away: the next token is signed with a new one. */
    replaceKeys: () => database.run('DELETE FROM jwks'),
    stop: () => server.stop(true),
    restart: () => {
      server = start(port)
    },
    /** Signs a user up, as a program would, and returns its id, its cookies, and what fetches its tokens. */
    async signUp(name: string) {
      const response = await fetch(`${url}/api/auth/sign-up/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, email: `${name}@example.com`, password: 'correct horse battery' }),
      })
      const { user } = (await response.json()) as { user: { id: string } }
      const pairs = response.headers.getSetCookie().map((line) => line.split(';')[0] ?? '')
      const cookie = pairs.join('; ')
      const cookies: Record<string, string> = Object.fromEntries(pairs.map((pair) => pair.split('=', 2)))
      const token = async () => {
        const answer = await fetch(`${url}/api/auth/token`, { headers: { cookie } })
        return ((await answer.json()) as { token: string }).token
      }
      return { id: user.id, token, cookies }
    },
  }
}
