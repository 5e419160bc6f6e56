import type { LoadRequest } from './kit/load-request'

export interface Scenario {
  title: string
  /** Different tokens of the one user that requests bear in turns. */
  tokens: number
  toLoadRequest(base: string, tokens: readonly string[]): LoadRequest
  /** What it is measured against, if the floor does not serve it. */
  reference?: Scenario
}

const newTask = { title: 'Buy milk', description: 'Two litres, and a loaf of bread' }

const list: Scenario = {
  title: 'list of 20',
  tokens: 1,
  toLoadRequest: (base, tokens) => ({ url: `${base}/api/tasks?limit=20`, method: 'GET', tokens }),
}

/** The same list, as an assistant calls it in the revision 2026-07-28 of its protocol. */
const listByMcp = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: {
    name: 'list_tasks',
    arguments: { limit: 20 },
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
}

/** What is measured, by the names that --scenario takes. */
export const scenarios = {
  health: {
    title: 'health',
    tokens: 0,
    toLoadRequest: (base, tokens) => ({ url: `${base}/health`, method: 'GET', tokens }),
  },
  list,
  mcp: {
    title: 'list of 20 by MCP',
    tokens: 1,
    toLoadRequest: (base, tokens) => ({
      url: `${base}/mcp`,
      method: 'POST',
      body: JSON.stringify(listByMcp),
      headers: {
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'list_tasks',
      },
      tokens,
    }),
    reference: list,
  },
  add: {
    title: 'add',
    tokens: 1,
    toLoadRequest: (base, tokens) => ({
      url: `${base}/api/tasks`,
      method: 'POST',
      body: JSON.stringify(newTask),
      tokens,
    }),
  },
  // Twice as many tokens as the service remembers, so that none is remembered until its turn comes.
  flood: { ...list, title: 'list of 20, 20,000 tokens in turns', tokens: 20_000 },
} satisfies Record<string, Scenario>

/** The flood is what an attacker does, not a user: it runs only where asked for. */
export const defaultScenarios = ['health', 'list', 'mcp', 'add']
