import { errors, type JWTVerifyGetKey } from 'jose'
import { createFetchedKeySet } from './key-set-fetch'
import { printable, shortList } from './printable'

/** The key that a token needs is not known, and its issuer cannot be asked: not the token's fault. */
export class KeySetUnavailable extends Error {
  override name = 'KeySetUnavailable'
}

const defaults = {
  /** Milliseconds that a fetched set counts as the issuer's: a revoked key lives on for no longer. */
  maxAge: 30_000,
  /** Milliseconds between two fetches for keys that are not in the set. */
  cooldown: 10_000,
  /** Milliseconds between two fetches while they fail. */
  retry: 1000,
  /** Milliseconds that one fetch may take. */
  timeout: 1500,
}

/** RFC 9864 gave EdDSA on this curve a name of its own; a key may bear either, and a token the other. */
const otherName: Record<string, string> = { EdDSA: 'Ed25519', Ed25519: 'EdDSA' }

/** Whether the last fetch succeeded; the cause if not. */
export type KeySetState = { isAvailable: true } | { isAvailable: false; cause: unknown }

export interface KeySet {
  /** Fetches the set, unless it is fresh, before a token needs it. Never throws. */
  prepare(): Promise<void>
  getKey: JWTVerifyGetKey
  /** The ids and algorithms of the keys at hand, for a log. */
  describeKeys(): string
  /**
   * The moment, on the monotonic clock, until which what a key of the set verifies may be remembered.
   * To be read when the key is picked: by the time a token is verified, the set may be a newer one.
   */
  readonly freshUntil: number
}

/**
 * The public keys of an issuer (RFC 7517). jose fetches the set, checks it and picks the key; when to
 * fetch is decided here, since jose refuses every token once its set is stale and the issuer is unavailable, and
 * then asks the issuer again for every single one. Throws KeySetUnavailable, or jose's errors.
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
  let askedAt = Number.NEGATIVE_INFINITY
  /** When the fetch of the set at hand started: a key withdrawn since may still be in it. */
  let fetchedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined

  const ask = async () => {
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
      askedAt = performance.now()
      asking = undefined
    }
  }

  /** Asks the issuer unless that is younger than `age`; callers at the same time share one fetch. */
  const refresh = (age: number) => {
    const since = failure ? askedAt : fetchedAt
    if (!asking && performance.now() - since < (failure ? retry : age)) return
    asking ??= ask()
    return asking
  }

  const pick: JWTVerifyGetKey = async (header, token) => {
    try {
      const twin = otherName[header.alg]
      return await find(header, token).catch((error) => {
        if (!twin || !(error instanceof errors.JWKSNoMatchingKey)) throw error
        return find({ ...header, alg: twin }, token)
      })
    } catch (error) {
      const isOfTheToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSInvalid)
      if (isOfTheToken) throw error
      throw new KeySetUnavailable('the issuer published a key that cannot be used', { cause: error })
    }
  }

  const getKey: JWTVerifyGetKey = async (header, token) => {
    const renewed = refresh(maxAge)
    // While the issuer fails, the old set serves and nobody waits for the next attempt.
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
      return failure ? askedAt + retry : fetchedAt + maxAge
    },
  }
}
