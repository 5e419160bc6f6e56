import { errors, type JWTVerifyGetKey } from 'jose'
import { createFetchedKeySet } from './key-set-fetch'
import { printable, shortList } from './printable'

/** The key that a token needs is unknown and its issuer is unreachable. The token may be valid. */
export class KeySetUnavailable extends Error {
  override name = 'KeySetUnavailable'
}

const defaults = {
  /**
   * How long a fetched key set is used before it is fetched again, in milliseconds. A revoked key is accepted
   * for no longer than that, or until the issuer can be reached again.
   */
  maxAge: 30_000,
  /** Milliseconds between two fetches for keys that are not in the set. */
  cooldown: 10_000,
  /** Milliseconds between two fetches while they fail. */
  retry: 1000,
  /** Milliseconds that one fetch may take. */
  timeout: 1500,
}

/** Since RFC 9864, EdDSA with Ed25519 is named Ed25519. A key may have one name and the token the other. */
const otherName: Record<string, string> = { EdDSA: 'Ed25519', Ed25519: 'EdDSA' }

/** Whether the last fetch succeeded; the cause if not. */
export type KeySetState = { isAvailable: true } | { isAvailable: false; cause: unknown }

export interface KeySet {
  /** Fetches the set, unless it is fresh, before a token needs it. Never throws. */
  prepare(): Promise<void>
  getKey: JWTVerifyGetKey
  /** The ids and algorithms of the known keys, for the log. */
  describeKeys(): string
  /**
   * Until when a verified token may be cached, on the monotonic clock in milliseconds. Read it when the key
   * is selected: by the time the token is verified, the set may have been replaced.
   */
  readonly freshUntil: number
}

/**
 * The public keys of an issuer (RFC 7517). jose fetches and checks the set and selects the key. When to fetch
 * is decided here, because jose, once its set is stale and the issuer is unavailable, rejects every token and
 * contacts the issuer again for each of them. `getKey` throws KeySetUnavailable, or jose's errors.
 */
export const createKeySet = (
  url: URL,
  timing: Partial<typeof defaults> = {},
  onChange: (state: KeySetState) => void = () => {},
): KeySet => {
  const { maxAge, cooldown, retry, timeout } = { ...defaults, ...timing }
  const { getKey: find, reload, keys } = createFetchedKeySet(url, timeout)
  let isKnown = false
  let failure: { cause: unknown } | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  /** When the fetch of the current set started. It may contain keys that were withdrawn since. */
  let fetchedAt = Number.NEGATIVE_INFINITY
  let fetching: Promise<void> | undefined

  const fetchSet = async () => {
    const startedAt = performance.now()
    try {
      await reload()
      fetchedAt = startedAt
      isKnown = true
      if (failure) onChange({ isAvailable: true })
      failure = undefined
    } catch (cause) {
      if (!failure) onChange({ isAvailable: false, cause })
      failure = { cause }
    } finally {
      triedAt = performance.now()
      fetching = undefined
    }
  }

  /** Fetches the set unless it is younger than `age`. Concurrent callers share one fetch. */
  const refresh = (age: number) => {
    const since = failure ? triedAt : fetchedAt
    if (!fetching && performance.now() - since < (failure ? retry : age)) return
    fetching ??= fetchSet()
    return fetching
  }

  const pick: JWTVerifyGetKey = async (header, token) => {
    try {
      const twin = otherName[header.alg]
      return await find(header, token).catch((error) => {
        if (!twin || !(error instanceof errors.JWKSNoMatchingKey)) throw error
        return find({ ...header, alg: twin }, token)
      })
    } catch (error) {
      const isCausedByToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSInvalid)
      if (isCausedByToken) throw error
      throw new KeySetUnavailable('the issuer published a key that cannot be used', { cause: error })
    }
  }

  const getKey: JWTVerifyGetKey = async (header, token) => {
    const renewed = refresh(maxAge)
    // While the issuer is unavailable the old set is used, without waiting for the next attempt.
    if (!isKnown || !failure) await renewed
    if (!isKnown) throw new KeySetUnavailable('no key set could be fetched yet', failure)
    try {
      return await pick(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      await refresh(cooldown)
      if (failure) throw new KeySetUnavailable('the key is unknown and the issuer is unavailable', failure)
      return pick(header, token)
    }
  }

  return {
    prepare: async () => refresh(maxAge),
    getKey,
    describeKeys: () => shortList(keys(), ({ kid, alg }) => `${printable(kid)} for ${printable(alg)}`),
    get freshUntil() {
      return failure ? triedAt + retry : fetchedAt + maxAge
    },
  }
}
