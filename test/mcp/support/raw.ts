import type { Client } from '../../support/client'
import { revision } from './clients'

const accept = 'application/json, text/event-stream'

/** What every message since the revision 2026-07-28 states of itself. */
const envelopeOf = (protocolVersion: string) => ({
  'io.modelcontextprotocol/protocolVersion': protocolVersion,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
})

export const newHeaders = (method: string, name?: string): Record<string, string> => ({
  accept,
  'mcp-protocol-version': revision,
  'mcp-method': method,
  ...(name !== undefined && { 'mcp-name': name }),
})

export const oldHeaders: Record<string, string> = { accept, 'mcp-protocol-version': '2025-11-25' }

export const newMessage = (method: string, params: object = {}, protocolVersion = revision) => ({
  jsonrpc: '2.0',
  id: 1,
  method,
  params: { ...params, _meta: envelopeOf(protocolVersion) },
})

/** Sends a call of a tool by hand, in the revision 2026-07-28. */
export const callRaw = (client: Client, name: string, given: unknown, headers: Record<string, string> = {}) =>
  client.post('/mcp', newMessage('tools/call', { name, arguments: given }), {
    ...newHeaders('tools/call', name),
    ...headers,
  })
