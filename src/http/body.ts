import { Problem } from '../errors'

/** The largest body that is read, in bytes. */
export const maxBodyBytes = 1024 * 1024
/** The longest that a client may take to send a body. */
const bodyMs = 10_000

/** RFC 8259: JSON is UTF-8. What is not is refused, since decoding it loosely would change it. */
const decoder = new TextDecoder('utf-8', { fatal: true })

// No Connection: close here: Bun would reset a client that still sends, before it reads the answer.
// Left alone it drains the rest and keeps nothing of it.
const tooLarge = () => new Problem(413, `The body is larger than ${maxBodyBytes} bytes.`)

const tooSlow = () =>
  new Problem(408, `The body did not arrive within ${bodyMs / 1000} seconds.`, { connection: 'close' })

/** Put in place of Elysia's parser, which would read the body before the token is looked at. */
export const parseLater = () => null

/** For routes that want no body: whatever is sent is left unread, but not if it is too large. */
export const refuseLarge = ({ request }: { request: Request }): void => {
  if (Number(request.headers.get('content-length')) > maxBodyBytes) throw tooLarge()
}

/**
 * Reads the JSON of a request. Throws Problem: 415 another media type, 413 too large, 408 too slow,
 * 400 missing or not JSON.
 */
export const readJson = async (request: Request): Promise<unknown> => {
  const isEmpty =
    request.headers.get('content-length') === '0' ||
    (!request.headers.has('content-length') && !request.headers.has('transfer-encoding'))
  if (isEmpty) throw new Problem(400, 'The body is missing: send JSON.')
  const mediaType = request.headers.get('content-type') ?? ''
  if (!/^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(mediaType))
    throw new Problem(415, 'The body must be JSON, sent with Content-Type: application/json.')
  refuseLarge({ request })
  const bytes = await readBytes(request)
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch {
    throw new Problem(400, 'The body is not well-formed JSON.')
  }
}

/** The whole body at once where its length is known to be small, which is much the faster way. */
const readBytes = async (request: Request): Promise<Uint8Array> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(tooSlow()), bodyMs)
  try {
    const length = request.headers.get('content-length')
    return await Promise.race([length === null ? readChunks(request) : request.bytes(), late])
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem(400, 'The body ended before it was complete.')
  } finally {
    clearTimeout(timer)
  }
}

const readChunks = async (request: Request): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > maxBodyBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
