import { Problem, Unavailable } from '../errors'
import type { Lifecycle } from './lifecycle'

/** The largest body that is read, in bytes. */
export const maxBodyBytes = 1024 * 1024
/** The longest that a client may take to send a body. */
const bodyMs = 10_000

/** application/json, and types that are made of it (RFC 6839), with or without parameters. */
const json = /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

/** RFC 8259: JSON is UTF-8. What is not is refused, since decoding it loosely would change it. */
const decoder = new TextDecoder('utf-8', { fatal: true })

// No Connection: close here: Bun would reset a client that still sends, before it reads the answer.
// Left alone it drains the rest and keeps nothing of it.
const tooLarge = () => new Problem(413, `The body is larger than ${maxBodyBytes} bytes.`)

const tooSlow = () =>
  new Problem(408, `The body did not arrive within ${bodyMs / 1000} seconds.`, { connection: 'close' })

/** For routes that want no body: whatever is sent is left unread, but not if it is too large. */
export const refuseLarge = ({ request }: { request: Request }): void => {
  if (Number(request.headers.get('content-length')) > maxBodyBytes) throw tooLarge()
}

const stopping = () => new Unavailable('The service is stopping. Please try again.')

/** Waits for a body as long as a client may take to send it, and as long as the service serves. */
const limited = async <T>(reading: Promise<T>, lifecycle?: Lifecycle): Promise<T> => {
  const { promise: cut, reject } = Promise.withResolvers<never>()
  const onEnd = () => reject(stopping())
  const timer = setTimeout(() => reject(tooSlow()), bodyMs)
  lifecycle?.onEnd.add(onEnd)
  try {
    return await Promise.race([reading, cut])
  } finally {
    clearTimeout(timer)
    lifecycle?.onEnd.delete(onEnd)
  }
}

/**
 * Reads the JSON of a request. Throws Problem: 415 another media type, 413 too large, 408 too slow, 400
 * missing or not JSON.
 */
export const readJson = async (request: Request, lifecycle?: Lifecycle): Promise<unknown> => {
  const { headers } = request
  const length = headers.get('content-length')
  if (length === '0' || (length === null && !headers.has('transfer-encoding')))
    throw new Problem(400, 'The body is missing: send JSON.')
  if (!json.test(headers.get('content-type') ?? ''))
    throw new Problem(415, 'The body must be JSON, sent with Content-Type: application/json.')
  if (Number(length) > maxBodyBytes) throw tooLarge()
  // At once if the length is known to be small, which is much the faster way.
  const reading: Promise<ArrayBuffer | Uint8Array> =
    length === null ? readChunks(request) : request.arrayBuffer()
  const bytes = await limited(reading, lifecycle).catch(explain)
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
