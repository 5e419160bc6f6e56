import { createRemoteJWKSet, customFetch } from 'jose'

/** A key set could not be fetched. The message contains the URL without its credentials and query values. */
class KeySetFetchFailed extends Error {
  override name = 'KeySetFetchFailed'
}

/** The redirect statuses for GET (RFC 9110, section 15.4). */
const redirects = new Set([301, 302, 303, 307, 308])
const maxRedirects = 5
/** The maximum length of an address that is logged, in characters. */
const maxAddressLength = 200

/** An address for the log: without credentials and without the values of a query. */
export const addressOf = ({ origin, pathname, search }: URL): string =>
  `${origin}${pathname}`.slice(0, maxAddressLength) + (search && '?…')

const targetOf = (from: URL, location: string | null): URL => {
  const to = URL.parse(location ?? '', from.href)
  if (!to || location === null)
    throw new KeySetFetchFailed(`${addressOf(from)} redirects without a valid Location`)
  const refuse = (reason: string) =>
    new KeySetFetchFailed(`${addressOf(from)} redirects to ${addressOf(to)}, ${reason}`)
  if (to.protocol !== 'https:' && to.protocol !== 'http:') throw refuse('which is neither http nor https')
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw refuse('which is not followed, because without https the keys could be replaced in transit')
  if (to.origin === from.origin && to.username === '') {
    to.username = from.username
    to.password = from.password
  }
  return to
}

/**
 * Fetches a key set, following up to five redirects, never from https to http. The signal in `init` limits
 * all of it. Throws KeySetFetchFailed if there is no response, or its status is not 200.
 */
const fetchFollowing = async (
  url: URL,
  init: RequestInit,
): Promise<{ response: Response; address: string }> => {
  let at = url
  for (let followed = 0; followed <= maxRedirects; followed++) {
    const address = followed === 0 ? addressOf(at) : `${addressOf(at)} (redirected from ${addressOf(url)})`
    const response = await fetch(at, { ...init, redirect: 'manual' }).catch((cause) => {
      throw new KeySetFetchFailed(`${address} could not be fetched`, { cause })
    })
    if (response.status === 200) return { response, address }
    await response.body?.cancel()
    if (!redirects.has(response.status)) throw new KeySetFetchFailed(`${address} answered ${response.status}`)
    at = targetOf(at, response.headers.get('location'))
  }
  throw new KeySetFetchFailed(`${addressOf(url)} redirects more than ${maxRedirects} times`)
}

/**
 * A key set of jose's that is fetched when `reload` is called, and never by itself.
 * `reload` throws KeySetFetchFailed.
 */
export const createFetchedKeySet = (url: URL, timeoutMs: number) => {
  let address = addressOf(url)
  const getKey = createRemoteJWKSet(url, {
    timeoutDuration: timeoutMs,
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: Number.POSITIVE_INFINITY,
    async [customFetch](_, init) {
      const fetched = await fetchFollowing(url, init)
      address = fetched.address
      return fetched.response
    },
  })
  const reload = async () => {
    try {
      await getKey.reload()
    } catch (error) {
      if (error instanceof KeySetFetchFailed) throw error
      throw new KeySetFetchFailed(`${address} returned no key set`, { cause: error })
    }
  }
  return { getKey, reload, keys: () => getKey.jwks()?.keys ?? [] }
}
