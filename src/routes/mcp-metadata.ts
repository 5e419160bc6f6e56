import { type Context, Elysia } from 'elysia'
import type { McpConfig } from '../config'
import { metadataOf, metadataPaths } from '../mcp/resource'

/** Any page may read the metadata: assistants in browsers do so before they have a token. */
const allowAll = (headers: Context['set']['headers'], request: Request) => {
  headers['access-control-allow-origin'] = '*'
  delete headers['access-control-allow-credentials']
  if (request.method !== 'OPTIONS') return
  headers['access-control-allow-methods'] = 'GET'
  // Assistants send the protocol's headers even with this request.
  headers['access-control-allow-headers'] = request.headers.get('access-control-request-headers') ?? '*'
  headers['access-control-max-age'] = '600'
}

/** Metadata that tells assistants where users sign in (RFC 9728), if that is configured. */
export const mcpMetadataRoutes = (mcp: McpConfig | undefined) => {
  const plugin = new Elysia({ name: 'mcp-metadata' })
  if (!mcp) return plugin
  const metadata = metadataOf(mcp)
  for (const path of metadataPaths)
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
