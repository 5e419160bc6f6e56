import type { Environment } from './environment'
import type { Report } from './report'

/** Assistants that sign in through OAuth. */
export interface McpConfig {
  /** The public URL of /mcp, which tokens must name as their audience. */
  resource: string
  /** The `iss` that those tokens must have, and the address of the authorization server. */
  issuer: string
}

type Variables = Pick<
  Partial<Environment>,
  'MCP_RESOURCE' | 'MCP_ISSUER' | 'BETTER_AUTH_JWKS_URL' | 'BETTER_AUTH_AUDIENCE'
>

const isLoopback = (host: string) => /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(host)

/** Whether it is a URL that a token may name as its audience (RFC 8707, section 2): no query, no fragment. */
const isResource = (text: string) => {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && !url.username && !/[?#\s"\\]/.test(text)
}

const isIssuer = (text: string) => /^https?:$/.test(URL.parse(text)?.protocol ?? '')

/** Reads what OAuth for assistants needs; undefined if MCP_RESOURCE is not set. */
export const readMcp = (env: Variables, report: Report): { mcp?: McpConfig; warnings: string[] } => {
  const { MCP_RESOURCE: resource, MCP_ISSUER: given, BETTER_AUTH_AUDIENCE: audience } = env
  if (resource === undefined)
    return {
      warnings: given === undefined ? [] : ['MCP_ISSUER has no effect unless MCP_RESOURCE is set as well'],
    }
  if (!isResource(resource))
    report(
      'MCP_RESOURCE',
      'must be a URL with the scheme https or http, without credentials, query and fragment',
    )
  if (audience === undefined)
    report(
      'BETTER_AUTH_AUDIENCE',
      'is required with MCP_RESOURCE: otherwise tokens for /mcp would also be accepted by /api',
    )
  if (audience === resource)
    report('BETTER_AUTH_AUDIENCE', 'must not be MCP_RESOURCE: tokens for /mcp would also be accepted by /api')
  const [, derived] = /^(.+)\/jwks\/?$/.exec(env.BETTER_AUTH_JWKS_URL ?? '') ?? []
  const issuer = given ?? derived
  if (issuer === undefined)
    report('MCP_ISSUER', 'is required with MCP_RESOURCE, unless BETTER_AUTH_JWKS_URL ends in /jwks')
  else if (!isIssuer(issuer)) report('MCP_ISSUER', 'must be a URL with the scheme https or http')
  const url = URL.parse(resource)
  const warnings =
    url?.protocol === 'http:' && !isLoopback(url.hostname)
      ? ['MCP_RESOURCE is not https: anyone on the network path can read tokens, and assistants refuse it']
      : []
  return { mcp: { resource, issuer: issuer ?? '' }, warnings }
}
