import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { cleanUp } from '../../support/cleanup'

/** What a tool returned, as a client of any revision hands it over. */
export interface ToolResult {
  structuredContent?: Record<string, unknown>
  content: { type: string; text?: string }[]
  isError?: boolean
}

export interface Declaration {
  name: string
  title?: string
  description?: string
  inputSchema: Record<string, unknown>
  outputSchema?: Record<string, unknown>
  annotations?: Record<string, unknown>
}

/** A connected client of MCP, whichever library it is of. */
export interface Assistant {
  /** The revision of the protocol that was agreed on. */
  version: string | undefined
  instructions: string | undefined
  listTools(): Promise<Declaration[]>
  call(name: string, given?: Record<string, unknown>): Promise<ToolResult>
}

const info = { name: 'test', version: '1.0.0' }

const addressOf = (url: string) => new URL(`${url}/mcp`)

/** Sends a request, to whatever address it chooses. */
export type Send = (url: string | URL, init?: RequestInit) => Promise<Response>

const optionsOf = (token: string, send?: Send) => ({
  requestInit: { headers: { authorization: `Bearer ${token}` } },
  ...(send && { fetch: send }),
})

type Negotiation = NonNullable<ConstructorParameters<typeof Client>[1]>['versionNegotiation']

const connectNew =
  (versionNegotiation: Negotiation) =>
  async (url: string, token: string, send?: Send): Promise<Assistant> => {
    const client = new Client(info, { versionNegotiation })
    await client.connect(new StreamableHTTPClientTransport(addressOf(url), optionsOf(token, send)))
    cleanUp(() => client.close())
    return {
      version: client.getNegotiatedProtocolVersion(),
      instructions: client.getInstructions(),
      listTools: async () => (await client.listTools()).tools as Declaration[],
      call: async (name, given = {}) => (await client.callTool({ name, arguments: given })) as ToolResult,
    }
  }

const connectOld = async (url: string, token: string, send?: Send): Promise<Assistant> => {
  const client = new OldClient(info)
  const transport = new OldTransport(addressOf(url), optionsOf(token, send))
  await client.connect(transport)
  cleanUp(() => client.close())
  return {
    version: transport.protocolVersion,
    instructions: client.getInstructions(),
    listTools: async () => (await client.listTools()).tools as Declaration[],
    call: async (name, given = {}) => (await client.callTool({ name, arguments: given })) as ToolResult,
  }
}

export const revision = '2026-07-28'

/** The official clients, by what they speak, with the revision that each must end up with. */
export const clients = [
  { client: 'the client that negotiates', version: revision, connect: connectNew({ mode: 'auto' }) },
  {
    client: `the client pinned to ${revision}`,
    version: revision,
    connect: connectNew({ mode: { pin: revision } }),
  },
  {
    client: 'the client of the revision before',
    version: '2025-11-25',
    connect: connectNew({ mode: 'legacy' }),
  },
  { client: 'the SDK of the revision before', version: '2025-11-25', connect: connectOld },
]
