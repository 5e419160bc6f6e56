import { decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose'
import type { Log } from '../log'
import { blank } from '../schemas/text'
import { KeySetUnavailable } from './key-set'
import { type Expected, explain, show, TokenRejected } from './rejection'
import type { Verifier } from './verify'

/** The token in an Authorization header (RFC 6750, section 2.1). What else is in it may be a secret. */
const tokenIn = (header: string | null): string => {
  if (header !== null && /^bearer(?: |$)/i.test(header)) return header.slice('bearer'.length).trim()
  const found = header ? 'another Authorization header' : 'no Authorization header'
  throw new TokenRejected('token_missing', 'Authorization: Bearer <JWT>', found)
}

/** Base64url can encode the same bytes in several ways. Only the canonical one is accepted. */
const isCanonical = (segment: string) => Buffer.from(segment, 'base64url').toString('base64url') === segment

/** Checks that a token has the form of a signed JWT (RFC 7515, section 3.1). */
const checkForm = (token: string) => {
  const segments = token.split('.')
  if (segments.length === 3 && segments.every(isCanonical)) return
  const expected = "three segments of base64url, as Better Auth's /token returns them"
  const found = `${segments.length} segment${segments[1] === undefined ? '' : 's'}, ${token.length} characters`
  throw new TokenRejected('token_malformed', expected, found)
}

/** The types of access tokens (RFC 9068). What was signed for another purpose is none (RFC 8725, section 3.11). */
const accessToken = /^(?:application\/)?(?:at\+)?jwt$/i

const checkType = (typ: unknown) => {
  if (typ !== undefined && !(typeof typ === 'string' && accessToken.test(typ)))
    throw new TokenRejected('token_type', 'JWT, at+jwt or none', show(typ))
}

/** Code points, none of them a control character or half of a pair. */
const userIdForm = /^[^\p{Cc}\p{Cs}]{1,255}$/u

/** The user that the claims of a token name: `sub`, or `userId` if there is no `sub`. Throws TokenRejected. */
export const userIdOf = (claims: JWTPayload): string => {
  const { cnf, client_id, azp } = claims
  if (cnf !== undefined) throw new TokenRejected('token_bound', 'a bearer token', 'the claim cnf')
  const id = Object.hasOwn(claims, 'sub') ? claims.sub : claims.userId
  if (typeof id !== 'string' || !userIdForm.test(id) || blank.test(id))
    throw new TokenRejected('token_user', 'sub, or else userId: 1 to 255 visible characters', show(id))
  // Of the client credentials grant (RFC 9068, section 5).
  if (id === client_id || id === azp)
    throw new TokenRejected('token_user', 'a user', `the client ${show(id)}`)
  return id
}

/** How many tokens are cached, and for how long. */
const maxEntries = 1000
const maxAgeMs = 10_000

/** Creates the function that returns the user of a request, and throws TokenRejected or KeySetUnavailable. */
export const createAuthenticate = (verifier: Verifier, { issuer, audience }: Expected, log: Log) => {
  const { algorithms, verify } = verifier
  const users = new Map<string, { userId: string; until: number }>()
  let isWarned = false

  const remember = (token: string, userId: string, exp = Number.POSITIVE_INFINITY) => {
    users.delete(token)
    const [oldest = ''] = users.keys()
    if (users.size >= maxEntries) users.delete(oldest)
    users.set(token, { userId, until: Math.min(exp * 1000, Date.now() + maxAgeMs) })
  }

  return async ({ headers }: Request): Promise<string> => {
    const token = tokenIn(headers.get('authorization'))
    const known = users.get(token)
    if (known && Date.now() < known.until) return known.userId
    let header: ProtectedHeaderParameters = {}
    try {
      checkForm(token)
      header = decodeProtectedHeader(token)
      const claims = await verify(token, { algorithms, issuer, audience })
      checkType(header.typ)
      const userId = userIdOf(claims)
      if (claims.exp === undefined && !isWarned)
        log.warn('a token without exp was accepted: it stays valid until its key is changed')
      isWarned ||= claims.exp === undefined
      remember(token, userId, claims.exp)
      return userId
    } catch (error) {
      // Whatever a token contains, it is a user or a 401.
      if (error instanceof KeySetUnavailable || error instanceof TokenRejected) throw error
      throw new TokenRejected(...explain(error, header, { ...verifier, issuer, audience }))
    }
  }
}

export type Authenticate = ReturnType<typeof createAuthenticate>
