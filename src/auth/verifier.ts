import type { AuthConfig } from '../config'
import type { Verify } from './authenticate'
import { createPublishedKeysVerifier } from './published-keys'
import { createSharedSecretVerifier } from './shared-secret'

/** One issuer and one kind of token, chosen by the configuration and never by a token's header. */
export const createVerifier = ({ keys }: AuthConfig): Verify =>
  keys.kind === 'published' ? createPublishedKeysVerifier(keys.url) : createSharedSecretVerifier(keys.secret)
