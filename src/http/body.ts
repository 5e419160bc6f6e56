import { Problem, Unavailable } from '../errors'
import { bodyLimitOf } from './body-limit'
import { checkMediaType } from './media-type'
import type { Shutdown } from './shutdown'

/** The longest that a client may take to send a body. */
const bodyMs = 10_000

/**
 * RFC 8259: JSON is UTF-8. What is not is refused, since decoding it loosely would change it. A byte order
 * mark is ignored, as its section 8.1 allows.
 */
const decoder = new TextDecoder('utf-8', { fatal: true })

// No Connection: close here: Bun would reset a client that still sends, before it reads the answer.
// Left alone it drains the rest, until the time limit in error-handler.ts, and keeps nothing of it.
const tooLarge = (limit: number) => new Problem(413, `The body is larger than ${limit} bytes.`)

const tooSlow = () =>
  new Problem(408, `The body did not arrive within ${bodyMs / 1000} seconds.`, { connection: 'close' })

/** For routes without a body: whatever is sent is left unread, but not if it is too large. */
export const refuseLarge = ({ request }: { request: Request }): void => {
  const limit = bodyLimitOf()
  if (Number(request.headers.get('content-length')) > limit) throw tooLarge(limit)
}

const stopping = () => new Unavailable('The service is stopping.')

/** Waits for a body as long as a client may take to send it, and as long as the service serves. */
const limited = async <T>(reading: Promise<T>, shutdown?: Shutdown): Promise<T> => {
  const { promise: cut, reject } = Promise.withResolvers<never>()
  const onEnd = () => reject(stopping())
  const timer = setTimeout(() => reject(tooSlow()), bodyMs)
  shutdown?.onEnd.add(onEnd)
  try {
    return await Promise.race([reading, cut])
  } finally {
    clearTimeout(timer)
    shutdown?.onEnd.delete(onEnd)
  }
}

/**
 * Reads the JSON of a request, of so many bytes at most. Throws Problem: 415 another media type, charset or
 * content coding, 413 too large, 408 too slow, 400 missing or not JSON.
 */
export const readJson = async (request: Request, limit: number, shutdown?: Shutdown): Promise<unknown> => {
  const { headers } = request
  const length = headers.get('content-length')
  if (length === '0' || (length === null && !headers.has('transfer-encoding')))
    throw new Problem(400, 'The body is missing: send JSON.')
  checkMediaType(headers)
  if (Number(length) > limit) throw tooLarge(limit)
  // At once if the length is known to be small, which is much the faster way.
  const reading: Promise<ArrayBuffer | Uint8Array> =
    length === null ? readChunks(request, limit) : request.arrayBuffer()
  const bytes = await limited(reading, shutdown).catch(explain)
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch {
    throw new Problem(400, 'The body is not well-formed JSON.')
  }
}

const explain = (error: unknown): never => {
  if (error instanceof Problem) throw error
  throw new Problem(400, 'The body ended before it was complete.')
}

/** Reads a body of unknown length, and no more of it than is allowed. */
const readChunks = async (request: Request, limit: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > limit) throw tooLarge(limit)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
