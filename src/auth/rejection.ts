import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { Fields } from '../log'
import { tokenOf } from './bearer'
import type { TokenRejected } from './errors'
import { printable } from './printable'

/** Unverified headers and claims of a token. Nothing here can be used to authenticate. */
const factsOf = (authorization: string | null): Fields => {
  try {
    const token = tokenOf(authorization)
    const { alg, typ, kid } = decodeProtectedHeader(token)
    const { iss, aud } = decodeJwt(token)
    return Object.fromEntries(
      Object.entries({ alg, typ, kid, iss, aud }).map(([name, value]) => [name, printable(value)]),
    )
  } catch {
    // Too malformed to be decoded.
    return {}
  }
}

/** Why a token was rejected, for the log: the stable code, what was expected and what was found. */
export const describeRejection = ({ code, evidence }: TokenRejected, request: Request): Fields => ({
  code,
  expected: evidence.expected,
  found: evidence.found,
  ...factsOf(request.headers.get('authorization')),
  hint: evidence.hint,
})
