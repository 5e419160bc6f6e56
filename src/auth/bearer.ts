import { TokenRejected } from './errors'
import { printable } from './printable'

const bearer = /^bearer(?: |$)/i

/**
 * Credentials with a scheme (RFC 9110, section 11.4). A value without a scheme may be a secret, so it is not
 * logged.
 */
const withScheme = /^([\w-]{1,20}) /

const reject = (header: string | null): never => {
  const [, other] = withScheme.exec(header ?? '') ?? []
  const found = other === undefined ? 'a value without a scheme' : `the scheme ${printable(other)}`
  throw new TokenRejected('token_missing', {
    expected: 'Authorization: Bearer <JWT>',
    found: header ? found : 'no Authorization header',
  })
}

/**
 * The token in an Authorization header: RFC 6750, section 2.1; the scheme's case does not matter
 * (RFC 9110, section 11.1). Throws TokenRejected if there is none.
 */
export const tokenOf = (header: string | null): string => {
  if (header === null || !bearer.test(header)) return reject(header)
  return header.slice('bearer'.length).trim()
}
