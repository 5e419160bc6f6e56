import { Elysia } from 'elysia'
import { Unauthorized } from '../errors'
import type { Authenticate, SharedSecret } from './authenticate'
import { tokenOf } from './bearer'
import { TokenRejected } from './errors'
import type { Verifier } from './verifier'

const translate = (error: unknown): never => {
  if (!(error instanceof TokenRejected)) throw error
  throw new Unauthorized(error.message, error.code !== 'token_missing', error)
}

/** What authentication needs of a request's context. */
export interface AuthContext {
  request: Request
  /** Added by the plugin of the verifier. */
  jwt: SharedSecret | undefined
}

/** The user of a request. Throws Unauthorized, whose message states the reason, or KeySetUnavailable. */
export const userOf = (
  { request, jwt }: AuthContext,
  authenticate: Authenticate,
): string | Promise<string> => {
  try {
    const user = authenticate(tokenOf(request.headers.get('authorization')), jwt)
    return typeof user === 'string' ? user : user.catch(translate)
  } catch (error) {
    return translate(error)
  }
}

/**
 * Authenticates the requests of the instances that use it, and adds `userId` to their context.
 *
 * @example new Elysia().use(authenticated).get('/me', ({ userId }) => userId)
 */
export const createAuthenticated = ({ plugin }: Verifier, authenticate: Authenticate) =>
  new Elysia({ name: 'authenticated' })
    .use(plugin)
    // Destructured, because for a whole context Elysia would parse every part of the request.
    .derive({ as: 'scoped' }, async ({ request, jwt }) => ({
      userId: await userOf({ request, jwt }, authenticate),
    }))

export type Authenticated = ReturnType<typeof createAuthenticated>
