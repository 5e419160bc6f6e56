import type { AuthConfig } from '../config'
import { describeError, type Log } from '../log'
import type { Verify } from './authenticate'
import { createKeySet, type KeySetState } from './key-set'
import { addressOf } from './key-set-fetch'
import { createPublishedKeysVerifier } from './published-keys'
import { createSharedSecretVerifier } from './shared-secret'

export interface Verifier {
  verify: Verify
  /** Fetches what verifying needs, in the background, before the first token comes. */
  prepare(): void
}

/** Where Better Auth publishes its keys unless told otherwise. */
const usualPath = '/api/auth/jwks'

/** Logs when the keys of an issuer become unavailable, and when they are back. */
const logKeySet = (url: URL, log: Log) => (state: KeySetState) =>
  state.isAvailable
    ? log.info('key set available', { url: addressOf(url) })
    : log.warn('key set unavailable', {
        reason: describeError(state.cause),
        hint:
          url.pathname === usualPath ? undefined : `Better Auth's usual address is ${url.origin}${usualPath}`,
      })

/** One issuer and one kind of token, chosen by the configuration and never by a token's header. */
export const createVerifier = ({ keys }: AuthConfig, log: Log): Verifier => {
  if (keys.kind === 'shared') return { verify: createSharedSecretVerifier(keys.secret), prepare() {} }
  const keySet = createKeySet(keys.url, {}, logKeySet(keys.url, log))
  return {
    verify: createPublishedKeysVerifier(keySet),
    prepare: () => void keySet.prepare(),
  }
}
