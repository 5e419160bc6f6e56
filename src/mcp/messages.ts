import { Problem } from '../errors'
import { notJson, type ReadJson } from '../http/body'

/** The codes of JSON-RPC 2.0, section 5.1. */
const parseError = -32_700
const invalidRequest = -32_600

/** The media type that the protocol requires, which excludes other JSON types. */
const json = /^\s*application\/json\s*(?:;|$)/i

/** A JSON-RPC error: clients of MCP recognize a server by these. */
const refuse = (code: number, message: string) =>
  Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status: 400 })

/**
 * Returns the function that reads the message of a request: the value, or the response to one that is no message.
 * It throws Problem: 415, 413, 408 or 503.
 */
export const createMessageReader =
  (readJson: ReadJson) =>
  async (request: Request): Promise<{ message: unknown } | { refusal: Response }> => {
    const type = request.headers.get('content-type')
    if (type !== null && !json.test(type)) throw notJson()
    try {
      const message = await readJson(request)
      if (Array.isArray(message))
        return { refusal: refuse(invalidRequest, 'Batches are not supported: send one message per request.') }
      return { message }
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 400) throw error
      return { refusal: refuse(parseError, error.detail) }
    }
  }
