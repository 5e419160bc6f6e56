import { createTurns } from '../database/time'
import { Problem, Unavailable } from '../errors'
import { NewMessage } from '../models/message'
import type { Shutdown } from './shutdown'

/** The limit of all bodies, in bytes: the longest message as escaped surrogate pairs, and what is around it. */
const maxBytes = NewMessage.properties.content.maxLength * '\\ud83d\\ude00'.length + 64 * 1024
/** The time limit for receiving a body, in milliseconds. */
const bodyMs = 10_000
/** The size from which on a body is parsed in a turn of its own, in bytes: that may take milliseconds. */
const largeBytes = 64 * 1024

/** JSON is UTF-8 (RFC 8259). Lenient decoding would change the text; a byte order mark is ignored. */
const decoder = new TextDecoder('utf-8', { fatal: true })

/** The problem of a body that is not JSON: 415. */
export const notJson = () =>
  new Problem(415, 'The body must be JSON, sent with Content-Type: application/json.')

// Without Connection: close, because Bun would then reset the connection of a client that is still sending,
// before it reads the response. Bun discards the rest, until the time limit in error-handler.ts.
const tooLarge = () => new Problem(413, `The body is larger than ${maxBytes} bytes.`)

/** application/json, and types based on it (RFC 6839), with or without parameters. */
const json = /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i
const otherCharset = /;\s*charset\s*=(?!\s*"?utf-?8\b)/i

/** Checks that a body is JSON in UTF-8, without a content coding (RFC 9110, section 15.5.16). Throws Problem: 415. */
const checkMediaType = (headers: Headers): void => {
  const codings = headers.get('content-encoding')?.split(',') ?? []
  if (!codings.every((coding) => /^\s*(?:identity)?\s*$/i.test(coding)))
    throw new Problem(415, 'The body must be sent as it is, without Content-Encoding.', {
      'accept-encoding': 'identity',
    })
  const type = headers.get('content-type') ?? ''
  if (!json.test(type)) throw notJson()
  if (otherCharset.test(type))
    throw new Problem(415, 'The body must be in UTF-8, which is the only charset of JSON.')
}

/** Reads a body of unknown length, up to the limit: Bun's own 413 would have none of our headers. */
const readChunks = async (request: Request): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Waits for a body, up to the time limit or until the service stops. */
const limited = async <T>(reading: Promise<T>, { onEnd }: Shutdown): Promise<T> => {
  const { promise: cut, reject } = Promise.withResolvers<never>()
  const stop = () => reject(new Unavailable('stopping', 'The service is stopping.'))
  const tooSlow = `The body did not arrive within ${bodyMs / 1000} seconds.`
  const timer = setTimeout(() => reject(new Problem(408, tooSlow, { connection: 'close' })), bodyMs)
  onEnd.add(stop)
  try {
    return await Promise.race([reading, cut])
  } catch (error) {
    throw error instanceof Problem ? error : new Problem(400, 'The body ended before it was complete.')
  } finally {
    clearTimeout(timer)
    onEnd.delete(stop)
  }
}

export type ReadJson = (request: Request) => Promise<unknown>

/**
 * Returns the function that reads the JSON body of a request. It throws Problem: 415 another media type, charset or
 * content coding, 413 too large, 408 too slow, 400 missing, incomplete or not JSON, 503 the service is stopping.
 */
export const createJsonReader = (shutdown: Shutdown): ReadJson => {
  const nextTurn = createTurns()

  return async (request) => {
    const { headers } = request
    const length = headers.get('content-length')
    if (length === '0' || (length === null && !headers.has('transfer-encoding')))
      throw new Problem(400, 'The body is missing: send JSON.')
    checkMediaType(headers)
    if (Number(length) > maxBytes) throw tooLarge()
    const reading: Promise<ArrayBuffer | Uint8Array> =
      length === null ? readChunks(request) : request.arrayBuffer()
    const bytes = await limited(reading, shutdown)
    if (bytes.byteLength > largeBytes) await nextTurn()
    try {
      return JSON.parse(decoder.decode(bytes))
    } catch {
      throw new Problem(400, 'The body is not well-formed JSON.')
    }
  }
}

type Route = { method: string; path: string; hooks: { body?: unknown } }

/**
 * Returns the function that reads the body of a request, by the pattern of its route. It returns null if the route
 * states no body, which is then ignored; and for JSON that is not an object, since Elysia would take that for an
 * object without fields.
 */
export const createBodyReader = (readJson: ReadJson, routes: () => readonly Route[]) => {
  let withBody: Set<string> | undefined
  return async ({ request, route }: { request: Request; route: string }): Promise<object | null> => {
    withBody ??= new Set(
      routes().flatMap(({ method, path, hooks }) => (hooks.body ? `${method} ${path}` : [])),
    )
    if (!withBody.has(`${request.method} ${route}`)) return null
    const body = await readJson(request)
    return typeof body === 'object' && !Array.isArray(body) ? body : null
  }
}
