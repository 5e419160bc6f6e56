import { decodeProtectedHeader } from 'jose'
import type { Evidence, RejectionCode } from './errors'
import { printable } from './printable'

interface Expectations {
  algorithms: readonly string[]
  /** What verifies a token, in words. */
  key: string
}

const headerOf = (token: string) => {
  try {
    return decodeProtectedHeader(token)
  } catch {
    return {}
  }
}

/** A hint for a token whose kind of algorithm is not the configured one. */
const hintAtAlgorithm = (alg: unknown, algorithms: readonly string[]) => {
  const isShared = /^HS\d/.test(String(alg))
  const isExpectedShared = algorithms.some((name) => name.startsWith('HS'))
  if (isShared && !isExpectedShared)
    return 'the token is signed with a shared secret, but BETTER_AUTH_JWKS_URL is set'
  if (!isShared && isExpectedShared && /^(?:EdDSA|Ed|ES|PS|RS)/.test(String(alg)))
    return 'the token is signed with a key pair: set BETTER_AUTH_JWKS_URL to the address of its public keys'
}

/** What was expected of a token that did not verify, and what was found. */
export const evidenceIn = (
  code: RejectionCode,
  token: string,
  cause: unknown,
  { algorithms, key }: Expectations,
): Evidence => {
  const { alg, kid } = headerOf(token)
  switch (code) {
    case 'token_algorithm':
      return {
        expected: algorithms.join(' or '),
        found: printable(alg),
        hint: hintAtAlgorithm(alg, algorithms),
      }
    case 'token_key':
      return { expected: key, found: `the key ${printable(kid)} for ${printable(alg)}` }
    case 'token_signature':
      return { expected: `a signature that matches ${key}`, found: 'another signature' }
    default:
      // jose's messages name a claim or header, but contain no values.
      return { found: cause instanceof Error ? printable(cause.message) : undefined }
  }
}
