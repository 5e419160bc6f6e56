import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  flattenedVerify,
  type JWK,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import { within } from '../database/time'
import { describeError, type Log } from '../log'
import { addressOf, fetchJson } from './key-set-fetch'
import { show } from './rejection'

/** The algorithms that Better Auth offers; a token's header chooses among these alone. */
const algorithms = ['EdDSA', 'Ed25519', 'ES256', 'ES512', 'PS256', 'RS256']

/** In milliseconds: the limit of a fetch, and when the next one follows: usually, for an unknown key, on failure. */
const usualTimes = { timeout: 10_000, refresh: 15_000, cooldown: 10_000, retry: 1000 }

export type KeySetTimes = typeof usualTimes

/** A token may be valid, but its key is not known and the issuer does not answer. */
export class KeySetUnavailable extends Error {}

/** The keys of a set without those that cannot verify tokens: null, a private key or one for encryption. */
const usableKeys = async (set: unknown): Promise<JWK[]> => {
  const { keys } = Object(set)
  if (!Array.isArray(keys)) throw new Error('the answer has no list of keys')
  const usable = async (key: JWK) => {
    const find = createLocalJWKSet({ keys: [key] })
    await Promise.any(algorithms.map((alg) => find({ alg })))
    // Ed25519 has two names since RFC 9864. A key without a name fits tokens with either.
    return key.kty === 'OKP' ? { ...key, alg: undefined } : key
  }
  return (await Promise.all(keys.map((key) => usable(key).catch(() => [])))).flat()
}

/**
 * Verifies tokens with the public keys of an issuer (RFC 7517). jose fetches the set for a key that is not in it. It is
 * also fetched in the background, so that a withdrawn key is dropped. A request waits until its deadline.
 */
export const createKeySet = (url: URL, deadlineMs: number, log: Log, times: KeySetTimes = usualTimes) => {
  const address = addressOf(url)
  /** Why the last fetch failed, if it did. */
  let failure: unknown
  /** The time of the next fetch in the background. After a failure, there is none before it. */
  let dueAt = 0
  let timer: Timer | undefined

  const fetchKeys = async (_: string, init: RequestInit) => {
    const startedAt = performance.now()
    if (failure && startedAt < dueAt) throw failure
    try {
      const keys = await usableKeys(await fetchJson(url, init))
      // Once there were keys, a set without any means that all of them were withdrawn.
      if (!set.fresh && keys.length === 0) throw new Error('the answer has no key that verifies tokens')
      if (failure) log.info('key set available', { url: address })
      failure = undefined
      dueAt = performance.now() + times.refresh
      return Response.json({ keys })
    } catch (error) {
      if (!failure) log.warn('key set unavailable', { url: address, reason: describeError(error) })
      failure = error
      dueAt = startedAt + times.retry
      throw error
    }
  }

  const set = createRemoteJWKSet(url, {
    timeoutDuration: times.timeout,
    cooldownDuration: times.cooldown,
    // When a set is too old and cannot be fetched, jose would reject every token.
    cacheMaxAge: Number.POSITIVE_INFINITY,
    [customFetch]: fetchKeys,
  })

  /** Selects the key of a token. Throws KeySetUnavailable, or jose's error if no key fits. */
  const find: JWTVerifyGetKey = async (header, token) => {
    const late = () => new Error(`the issuer did not answer within ${deadlineMs} ms`)
    try {
      return await within(deadlineMs, set(header, token), late)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) throw error
      if (!(error instanceof errors.JWKSMultipleMatchingKeys))
        throw new KeySetUnavailable('the key of the token is not known', { cause: failure ?? error })
      // The token does not name its key, or several keys have that name.
      for await (const key of error) if (await flattenedVerify(token, key).catch(() => false)) return key
      throw new errors.JWSSignatureVerificationFailed()
    }
  }

  return {
    algorithms,
    describeKeys() {
      const ids = set.jwks()?.keys.map(({ kid }) => show(kid)) ?? []
      return `a published key: ${ids.slice(0, 5).join(', ')}`
    },
    verify: async (token: string, options: JWTVerifyOptions) =>
      (await jwtVerify(token, find, options)).payload,
    /** Whether a first set was fetched. */
    isReady: () => set.fresh,
    start() {
      // A failure has been logged.
      const fetchIfDue = () => performance.now() >= dueAt && set.reload().catch(() => {})
      void fetchIfDue()
      timer = setInterval(fetchIfDue, times.retry / 10).unref()
    },
    stop: () => clearInterval(timer),
  }
}

export type KeySet = ReturnType<typeof createKeySet>
