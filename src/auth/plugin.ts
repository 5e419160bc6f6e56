import { Elysia } from 'elysia'
import { Unauthorized } from '../errors'
import type { Authenticate } from './authenticate'
import { tokenOf } from './bearer'
import { TokenRefused } from './errors'

const translate = (error: unknown): never => {
  if (!(error instanceof TokenRefused)) throw error
  throw new Unauthorized(error.message, error.code !== 'token_missing', error)
}

/** The user of a request. Throws Unauthorized, which tells why. */
export const userOf = (request: Request, authenticate: Authenticate): string | Promise<string> => {
  try {
    const user = authenticate(tokenOf(request.headers.get('authorization')))
    return typeof user === 'string' ? user : user.catch(translate)
  } catch (error) {
    return translate(error)
  }
}

/**
 * Authenticates the requests of the instance that uses it, and adds `userId` to their context.
 *
 * @example new Elysia().use(authenticated(authenticate)).get('/me', ({ userId }) => userId)
 */
export const authenticated = (authenticate: Authenticate) =>
  new Elysia({ name: 'authenticated' }).derive({ as: 'scoped' }, async ({ request }) => ({
    userId: await userOf(request, authenticate),
  }))
