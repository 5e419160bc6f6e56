import { Elysia } from 'elysia'
import type { AuthConfig } from '../config'
import { describeError, type Log } from '../log'
import type { Verify } from './authenticate'
import { createKeySet, type KeySetState } from './key-set'
import { addressOf } from './key-set-fetch'
import { createPublishedKeysVerifier } from './published-keys'
import { createSharedSecretVerifier, sharedSecret } from './shared-secret'

export interface Verifier {
  /** Adds `jwt` to the context, which is undefined if tokens are not signed with a shared secret. */
  plugin: ReturnType<typeof sharedSecret> | ReturnType<typeof withoutSecret>
  verify: Verify
  /** Fetches the keys in the background, before the first token arrives. */
  prepare(): void
}

const withoutSecret = () => new Elysia({ name: 'no-shared-secret' }).decorate('jwt', undefined)

/** Where Better Auth publishes its keys by default. */
const usualPath = '/api/auth/jwks'

/** Logs when the keys of an issuer become unavailable, and when they are available again. */
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
  if (keys.kind === 'shared') {
    const verify = createSharedSecretVerifier(keys.secret)
    return { plugin: sharedSecret(keys.secret), verify, prepare() {} }
  }
  const keySet = createKeySet(keys.url, {}, logKeySet(keys.url, log))
  return {
    plugin: withoutSecret(),
    verify: createPublishedKeysVerifier(keySet),
    prepare: () => void keySet.prepare(),
  }
}
