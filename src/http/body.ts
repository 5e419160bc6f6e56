import { createTurns } from '../database/turns'
import { Problem, Unavailable } from '../errors'
import { bodyLimitOf } from './body-limit'
import { checkMediaType } from './media-type'
import type { Shutdown } from './shutdown'

/** The time limit for receiving a body, in milliseconds. */
const bodyMs = 10_000

/**
 * JSON is UTF-8 (RFC 8259). Invalid UTF-8 is rejected, because lenient decoding would change the text. A byte
 * order mark is ignored, as section 8.1 allows.
 */
const decoder = new TextDecoder('utf-8', { fatal: true })

// Without Connection: close, because Bun would then reset the connection of a client that is still sending,
// before it reads the response. Bun discards the rest, until the time limit in error-handler.ts.
const tooLarge = (limit: number) => new Problem(413, `The body is larger than ${limit} bytes.`)

const tooSlow = () =>
  new Problem(408, `The body did not arrive within ${bodyMs / 1000} seconds.`, { connection: 'close' })

/** The size from which on a body is parsed in a turn of its own, in bytes: that may take milliseconds. */
const largeBytes = 64 * 1024

/** For routes without a body: a body is ignored, unless its stated length is too large. Throws Problem: 413. */
export const refuseLarge = ({ request }: { request: Request }): void => {
  const limit = bodyLimitOf()
  if (Number(request.headers.get('content-length')) > limit) throw tooLarge(limit)
}

const stopping = () => new Unavailable('The service is stopping.')

/** Waits for a body, up to the time limit or until the service stops. */
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
 * Returns the function that reads the JSON body of a request, of at most `limit` bytes. It throws Problem: 415
 * another media type, charset or content coding, 413 too large, 408 too slow, 400 missing, incomplete or not JSON,
 * 503 the service is stopping.
 */
export const createJsonReader = (limit: number) => {
  const nextTurn = createTurns()

  return async (request: Request, shutdown?: Shutdown): Promise<unknown> => {
    const { headers } = request
    const length = headers.get('content-length')
    if (length === '0' || (length === null && !headers.has('transfer-encoding')))
      throw new Problem(400, 'The body is missing: send JSON.')
    checkMediaType(headers)
    if (Number(length) > limit) throw tooLarge(limit)
    // A body of unknown length has to be counted while it is read.
    const reading: Promise<ArrayBuffer | Uint8Array> =
      length === null ? readChunks(request, limit) : request.arrayBuffer()
    const bytes = await limited(reading, shutdown).catch(explain)
    if (bytes.byteLength > largeBytes) await nextTurn()
    try {
      return JSON.parse(decoder.decode(bytes))
    } catch {
      throw new Problem(400, 'The body is not well-formed JSON.')
    }
  }
}

const explain = (error: unknown): never => {
  if (error instanceof Problem) throw error
  throw new Problem(400, 'The body ended before it was complete.')
}

/** Reads a body of unknown length, up to the limit. */
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
