/** The size limit of a key set, in bytes. */
const maxSize = 1024 * 1024
const maxRedirects = 5

/** An address for the log: without credentials and without the values of a query. */
export const addressOf = ({ origin, pathname, search }: URL): string =>
  `${origin}${pathname}`.slice(0, 200) + (search && '?…')

const readJson = async (response: Response): Promise<unknown> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxSize) throw new Error(`the answer has more than ${maxSize} bytes`)
    chunks.push(chunk)
  }
  return JSON.parse(new TextDecoder().decode(Buffer.concat(chunks)))
}

/** Fetches JSON of limited size, following redirects. Throws if there is no answer with the status 200 and JSON. */
export const fetchJson = async (url: URL, init: RequestInit): Promise<unknown> => {
  let at = url
  for (let followed = 0; followed <= maxRedirects; followed++) {
    const response = await fetch(at, { ...init, redirect: 'manual' })
    if (response.status === 200) return readJson(response)
    await response.body?.cancel()
    const location = response.status >= 300 && response.status < 400 && response.headers.get('location')
    const to = location ? URL.parse(location, at.href) : null
    if (!to) throw new Error(`${addressOf(at)} answered with the status ${response.status}`)
    // From https to http, the keys could be replaced in transit.
    if (to.protocol !== 'https:' && to.protocol !== at.protocol)
      throw new Error(`${addressOf(at)} redirects to ${addressOf(to)}, which is not followed`)
    if (to.origin === at.origin) Object.assign(to, { username: at.username, password: at.password })
    at = to
  }
  throw new Error(`${addressOf(url)} redirects more than ${maxRedirects} times`)
}
