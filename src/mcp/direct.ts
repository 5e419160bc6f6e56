import {
  type CallToolResult,
  classifyInboundRequest,
  type Implementation,
  type RequestId,
  SERVER_INFO_META_KEY,
} from '@modelcontextprotocol/server'

/** The revision of the protocol whose calls need no handshake; earlier ones begin with `initialize`. */
const revision = '2026-07-28'

/** A call of a tool whose message is complete and agrees with its headers. */
interface DirectCall {
  id: RequestId
  name: string
  given: Record<string, unknown>
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The parameters of a direct call; a message that has any other goes to the library. */
const directParams = ['name', 'arguments', '_meta']

/**
 * Returns the tool call of a message of the revision 2026-07-28 that uses no other feature of the protocol;
 * undefined for every other message, invalid ones included, which the library handles. The library would create a
 * server for each call and validate the result, which takes longer than the rest of a list of 20 (test/bench/README.md).
 */
export const toDirectCall = (request: Request, body: unknown): DirectCall | undefined => {
  const { headers } = request
  const version = headers.get('mcp-protocol-version')
  const method = headers.get('mcp-method')
  const name = headers.get('mcp-name')
  if (version !== revision || method !== 'tools/call' || name === null) return undefined
  const route = classifyInboundRequest({
    httpMethod: request.method,
    protocolVersionHeader: version,
    mcpMethodHeader: method,
    mcpNameHeader: name,
    body,
  })
  if (route.kind !== 'modern' || route.messageKind !== 'request') return undefined
  const { id, params = {} } = route.message
  const { arguments: given = {} } = params
  if (params.name !== name || !isObject(given)) return undefined
  return Object.keys(params).every((parameter) => directParams.includes(parameter))
    ? { id, name, given }
    : undefined
}

/** The response of the revision 2026-07-28 with the result of a tool. */
export const respond = (id: RequestId, result: CallToolResult, info: Implementation): Response =>
  Response.json(
    {
      result: { ...result, resultType: 'complete', _meta: { [SERVER_INFO_META_KEY]: info } },
      jsonrpc: '2.0',
      id,
    },
    { headers: { 'content-type': 'application/json' } },
  )
