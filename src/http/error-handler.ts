import { Elysia } from 'elysia'
import { TokenRejected } from '../auth/errors'
import { KeySetUnavailable } from '../auth/key-set'
import type { AuthContext } from '../auth/plugin'
import { describeRejection } from '../auth/rejection'
import type { Verifier } from '../auth/verifier'
import { DatabaseUnavailable } from '../database'
import { Problem, Unavailable } from '../errors'
import { describeError, type Fields, type Log } from '../log'

/** Returns, or throws, the problem of a request that matches no route. */
export type NoMatch = (context: AuthContext & { path: string }) => Promise<Problem>

interface Options {
  log: Log
  verifier: Verifier
  noMatch: NoMatch
  /**
   * Sets the idle timeout of a request. Hooks must not use Elysia's `server`, because Elysia would define it
   * again for every request.
   */
  setIdleTimeout(request: Request, seconds: number): void
}

/** How long a client may go on sending a body that is too large, in seconds. */
const refusedBodyS = 20

/** Turns every error into a response (RFC 9457). */
export const errorHandler = ({ log, verifier, noMatch, setIdleTimeout }: Options) =>
  new Elysia({ name: 'error-handler' })
    .use(verifier.plugin)
    .onError({ as: 'global' }, async ({ code, error, path, set, request, jwt }) => {
      const reason =
        code === 'NOT_FOUND' ? await noMatch({ request, path, jwt }).catch((thrown) => thrown) : error
      const problem = toProblem(reason)
      const requestId = set.headers['x-request-id']
      const fields = { method: request.method, path, status: problem.status, request_id: requestId }
      if (problem.status >= 500) report(log, reason, fields)
      // Only if it is logged, because the token has to be decoded for its fields.
      else if (problem.cause instanceof TokenRejected && log.enabled('info'))
        log.info('token rejected', { ...fields, ...describeRejection(problem.cause, request) })
      if (problem.status === 413) setIdleTimeout(request, refusedBodyS)
      set.status = problem.status
      return new Response(JSON.stringify(problem.toBody()), {
        status: problem.status,
        headers: { ...problem.headers, 'content-type': 'application/problem+json' },
      })
    })

/** Translates an error into what the client may see of it. */
export const toProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  if (error instanceof DatabaseUnavailable)
    return new Unavailable('The database is not available at the moment.')
  if (error instanceof KeySetUnavailable)
    return new Unavailable('Access tokens cannot be verified at the moment.')
  return new Problem(500, 'Something went wrong on our side. It has been logged.')
}

/** Logs an error that is not the client's fault. */
export const report = (log: Log, error: unknown, fields: Fields) => {
  const reason = describeError(error)
  // The outage itself is logged once elsewhere. This is the reason why one request failed.
  if (error instanceof DatabaseUnavailable) log.info('request failed', { ...fields, reason })
  else if (error instanceof Problem || error instanceof KeySetUnavailable)
    log.warn('request failed', { ...fields, reason })
  else
    log.error('unexpected error', {
      ...fields,
      reason,
      stack: error instanceof Error ? error.stack : undefined,
    })
}
