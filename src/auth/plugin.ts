import { Elysia } from 'elysia'
import { Unauthorized } from '../errors'
import type { Authenticate } from './authenticate'
import { TokenRefused } from './errors'

/** RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1). */
const bearer = /^Bearer +(\S+) *$/i

const tokenOf = (header: string | null) => {
  if (header === null || !/^Bearer(\s|$)/i.test(header)) throw new TokenRefused('token_missing')
  const token = bearer.exec(header)?.[1]
  if (token === undefined) throw new TokenRefused('token_malformed')
  return token
}

/** The user of a request. Throws Unauthorized, which tells why. */
export const userOf = async (request: Request, authenticate: Authenticate): Promise<string> => {
  try {
    return await authenticate(tokenOf(request.headers.get('authorization')))
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error
    throw new Unauthorized(error.message, error.code !== 'token_missing')
  }
}

/**
 * Guards the routes of the instance that uses it and gives their handlers `userId`.
 *
 * @example new Elysia().use(authenticated(authenticate)).get('/me', ({ userId }) => userId)
 */
export const authenticated = (authenticate: Authenticate) =>
  new Elysia({ name: 'authenticated', seed: authenticate }).derive({ as: 'scoped' }, async ({ request }) => ({
    userId: await userOf(request, authenticate),
  }))
