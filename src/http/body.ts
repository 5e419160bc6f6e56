import { Problem } from '../errors'

/** The largest body that is read, in bytes. */
export const maxBodyBytes = 1024 * 1024
/** The longest that a client may take to send a body. */
const bodyMs = 10_000

/** RFC 8259: JSON is UTF-8. What is not is refused, since decoding it loosely would change it. */
const decoder = new TextDecoder('utf-8', { fatal: true })

const tooLarge = () =>
  new Problem(413, `The body is larger than ${maxBodyBytes} bytes.`, { connection: 'close' })

/** Put in place of Elysia's parser, which would read the body before the token is looked at. */
export const parseLater = () => null

/**
 * Reads the JSON of a request, after authentication, into the context.
 * Throws Problem: 415 another media type, 413 too large, 408 too slow, 400 not JSON.
 */
export const readJson = async (context: { request: Request; body: unknown }) => {
  const { request } = context
  const mediaType = request.headers.get('content-type') ?? ''
  if (!/^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(mediaType))
    throw new Problem(415, 'The body must be JSON, sent with Content-Type: application/json.')
  if (Number(request.headers.get('content-length')) > maxBodyBytes) throw tooLarge()
  const bytes = await readBytes(request)
  try {
    context.body = JSON.parse(decoder.decode(bytes))
  } catch {
    throw new Problem(400, 'The body is not well-formed JSON.')
  }
}

const readBytes = async (request: Request): Promise<Uint8Array> => {
  if (!request.body) return new Uint8Array()
  const reader = request.body.getReader()
  let expired = false
  const timer = setTimeout(() => {
    expired = true
    void reader.cancel()
  }, bodyMs)
  const chunks: Uint8Array[] = []
  try {
    let size = 0
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      size += value.length
      if (size > maxBodyBytes) throw tooLarge()
      chunks.push(value)
    }
  } finally {
    clearTimeout(timer)
  }
  if (expired)
    throw new Problem(408, `The body did not arrive within ${bodyMs / 1000} seconds.`, {
      connection: 'close',
    })
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
}
