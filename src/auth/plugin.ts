import { Elysia } from 'elysia'
import { Unauthorized } from '../errors'
import type { Authenticate } from './authenticate'
import { TokenRefused } from './errors'

const scheme = 'bearer'

/** RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1). */
const tokenOf = (header: string | null) => {
  if (header?.slice(0, scheme.length).toLowerCase() !== scheme) throw new TokenRefused('token_missing')
  const rest = header.slice(scheme.length)
  if (rest !== '' && !rest.startsWith(' ')) throw new TokenRefused('token_missing')
  return rest.trim()
}

const translate = (error: unknown): never => {
  if (!(error instanceof TokenRefused)) throw error
  throw new Unauthorized(error.message, error.code !== 'token_missing')
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
 * Guards the routes of the instance that uses it and gives their handlers `userId`.
 *
 * @example new Elysia().use(authenticated(authenticate)).get('/me', ({ userId }) => userId)
 */
export const authenticated = (authenticate: Authenticate) =>
  new Elysia({ name: 'authenticated', seed: authenticate }).derive({ as: 'scoped' }, async ({ request }) => ({
    userId: await userOf(request, authenticate),
  }))
