import { Elysia } from 'elysia'
import type { Authenticate } from '../auth/authenticate'
import { type AuthContext, userOf } from '../auth/plugin'
import type { Verifier } from '../auth/verifier'
import type { McpConfig } from '../config'
import type { Database } from '../database'
import { Problem } from '../errors'
import type { ToolCall } from '../http/request-observer'
import type { Shutdown } from '../http/shutdown'
import type { Log } from '../log'
import type { createHandler } from '../mcp/handler'
import { createMessageReader } from '../mcp/messages'
import { challengeWith, metadataUrlOf } from '../mcp/resource'

interface Parts {
  database: Database
  verifier: Verifier
  authenticate: Authenticate
  shutdown: Shutdown
  log: Log
  /** Whether a page of the request's origin may call this. */
  isOriginAllowed(request: Request): boolean
  mcp?: McpConfig
}

/** The tasks, for assistants: the Model Context Protocol over the same rows. */
export const mcpRoutes = ({
  database,
  verifier,
  authenticate,
  shutdown,
  log,
  isOriginAllowed,
  mcp,
}: Parts) => {
  const readMessage = createMessageReader(shutdown)
  const metadataUrl = mcp && metadataUrlOf(mcp.resource)
  let handler: ReturnType<typeof createHandler> | undefined
  const loadHandler = async () => {
    // Imported on first use, so that the library does not slow down start-up.
    handler ??= (await import('../mcp/handler')).createHandler(database, log)
    return handler
  }
  const authenticateCaller = async ({ request, jwt }: AuthContext) => {
    if (request.headers.has('origin') && !isOriginAllowed(request))
      throw new Problem(403, 'Pages of this origin may not call this URL.')
    try {
      return await userOf({ request, jwt }, authenticate)
    } catch (error) {
      throw challengeWith(metadataUrl, error)
    }
  }

  return new Elysia({ name: 'mcp' })
    .use(verifier.plugin)
    .derive(() => ({ call: {} as ToolCall }))
    .post(
      '/mcp',
      async ({ request, set, call, jwt }) => {
        const userId = await authenticateCaller({ request, jwt })
        const read = await readMessage(request)
        const requestId = String(set.headers['x-request-id'])
        const response =
          'refusal' in read
            ? read.refusal
            : await (await loadHandler())(request, read.message, { userId, requestId, call })
        set.status = response.status
        return response
      },
      { parse: 'none', detail: { hide: true } },
    )
}
