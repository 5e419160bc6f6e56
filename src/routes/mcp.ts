import { Elysia } from 'elysia'
import type { Authenticate } from '../auth/authenticate'
import type { McpConfig } from '../config'
import type { Database } from '../database'
import { Problem } from '../errors'
import type { ReadJson } from '../http/body'
import { failureOf } from '../http/error-handler'
import { noteFailure, type Trace } from '../http/request-log'
import type { Log } from '../log'
import type { Caller } from '../mcp/call'
import type { createHandler } from '../mcp/handler'
import { createMessageReader } from '../mcp/messages'
import { challengeWith, metadataUrlOf } from '../mcp/resource'

interface Parts {
  database: Database
  authenticate: Authenticate
  readJson: ReadJson
  log: Log
  /** Whether a page of the request's origin may call this. */
  isOriginAllowed(request: Request): boolean
  mcp?: McpConfig
}

/** The tasks, for assistants: the Model Context Protocol over the same rows. */
export const mcpRoutes = ({ database, authenticate, readJson, log, isOriginAllowed, mcp }: Parts) => {
  const readMessage = createMessageReader(readJson)
  const metadataUrl = mcp && metadataUrlOf(mcp.resource)
  let handler: ReturnType<typeof createHandler> | undefined
  const loadHandler = async () => {
    // Imported on first use, so that the library does not slow down start-up.
    handler ??= (await import('../mcp/handler')).createHandler(database, log)
    return handler
  }
  const authenticateCaller = async (request: Request) => {
    if (request.headers.has('origin') && !isOriginAllowed(request))
      throw new Problem(403, 'Pages of this origin may not call this URL.')
    try {
      return await authenticate(request)
    } catch (error) {
      throw challengeWith(metadataUrl, error)
    }
  }

  return new Elysia({ name: 'mcp' }).decorate('trace', undefined as Trace | undefined).post(
    '/mcp',
    async ({ request, set, path, trace }) => {
      const userId = await authenticateCaller(request)
      const read = await readMessage(request)
      const requestId = String(set.headers['x-request-id'])
      const noted = { method: request.method, path, status: 200, requestId, tool: '' }
      const caller: Caller = {
        userId,
        note(tool, hasToolFailed) {
          noted.tool = tool
          if (trace) Object.assign(trace, { tool, hasToolFailed })
        },
        fail(error) {
          const failure = failureOf(error, database)
          if (failure) noteFailure(log, failure, noted, trace)
        },
      }
      const response =
        'refusal' in read ? read.refusal : await (await loadHandler())(request, read.message, caller)
      set.status = response.status
      return response
    },
    { parse: 'none', detail: { hide: true } },
  )
}
