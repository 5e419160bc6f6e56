import { Elysia } from 'elysia'
import type { Config } from '../config'
import type { Log } from '../log'
import { type Authenticate, createAuthenticate } from './authenticate'
import { createKeySet, type KeySetTimes } from './key-set'
import { createSecretVerifier } from './verify'

/** What authenticates the requests of the API and those of assistants, which may need tokens of their own. */
export const createAuth = ({ auth, mcp, database }: Config, log: Log, times?: KeySetTimes) => {
  const keySet = auth.jwksUrl && createKeySet(auth.jwksUrl, database.timeoutMs, log, times)
  const verifier = keySet ?? createSecretVerifier(auth.secret)
  const authenticate = createAuthenticate(verifier, auth, log)
  const ofMcp = mcp && { issuer: mcp.issuer, audience: mcp.resource }
  const authenticateAssistant = ofMcp ? createAuthenticate(verifier, ofMcp, log) : authenticate
  return { authenticate, authenticateAssistant, keySet }
}

/** Reads the body of a request, by the pattern of its route; null if that takes none. */
type ReadBody = (context: { request: Request; route: string }) => Promise<unknown>

/** Authenticates the requests of the instances that use it, and adds `userId` to their context. */
export const createAuthenticated = (authenticate: Authenticate, readBody: ReadBody) => {
  /** The users of requests with a body, which are authenticated before it is read. */
  const users = new WeakMap<Request, string>()

  return (
    new Elysia({ name: 'authenticated' })
      // Destructured, because for a whole context Elysia would parse every part of the request.
      .onParse({ as: 'scoped' }, async ({ request, route }) => {
        users.set(request, await authenticate(request))
        return readBody({ request, route })
      })
      .derive({ as: 'scoped' }, async ({ request }) => ({
        userId: users.get(request) ?? (await authenticate(request)),
      }))
  )
}

export type Authenticated = ReturnType<typeof createAuthenticated>
