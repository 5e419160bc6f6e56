import { type Context, Elysia } from 'elysia'
import type { McpConfig } from '../config'
import { allowRequested } from '../http/cors'
import { metadataOf, metadataPathsOf } from '../mcp/resource'

/** Any page may read the metadata: assistants in browsers do so before they have a token. */
const allowAll = (headers: Context['set']['headers'], request: Request) => {
  headers['access-control-allow-origin'] = '*'
  delete headers['access-control-allow-credentials']
  // Assistants send the protocol's headers even with this request.
  if (request.method === 'OPTIONS') allowRequested(headers, request, ['GET'])
}

/** Metadata that tells assistants where users sign in (RFC 9728), if that is configured. */
export const mcpMetadataRoutes = (mcp: McpConfig | undefined) => {
  const plugin = new Elysia({ name: 'mcp-metadata' })
  if (!mcp) return plugin
  const metadata = metadataOf(mcp)
  for (const path of metadataPathsOf(mcp.resource))
    plugin
      .get(
        path,
        ({ set, request }) => {
          allowAll(set.headers, request)
          set.headers['cache-control'] = 'public, max-age=3600'
          return metadata
        },
        { detail: { hide: true } },
      )
      .options(
        path,
        ({ set, request }) => {
          allowAll(set.headers, request)
          set.status = 204
        },
        { detail: { hide: true } },
      )
  return plugin
}
