import type { ValueError } from '@sinclair/typebox/errors'
import { type AnyElysia, Elysia, NotFoundError, ParseError, ValidationError } from 'elysia'
import { KeySetUnavailable } from '../auth/key-set'
import { TokenRejected } from '../auth/rejection'
import { type Database, DatabaseUnavailable } from '../database'
import { Invalid, methods, NotFound, Problem, Unavailable } from '../errors'
import { describeError, type Log } from '../log'
import { explain } from '../schemas/explain'
import { type Failure, noteFailure, type Trace } from './request-log'

/** How long a client may go on sending a body that is too large, in seconds. */
const refusedBodyS = 20

/** The parts of a request, by Elysia's names for them. */
const parts: Record<string, 'path' | 'query' | 'body'> = { params: 'path', query: 'query', body: 'body' }

/** Translates an error into what the client may see of it. */
export const toProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  const part = error instanceof ValidationError && parts[error.type]
  if (part) return new Invalid(part, explain(error.all as ValueError[]))
  if (error instanceof DatabaseUnavailable)
    return new Unavailable('database_unavailable', 'The database is not available at the moment.')
  if (error instanceof KeySetUnavailable)
    return new Unavailable('keys_unavailable', 'Access tokens cannot be verified at the moment.')
  return new Problem(500, 'Something went wrong on our side. It has been logged.')
}

/** Why a request failed, for the log; undefined if its status says it all. */
export const failureOf = (error: unknown, database: Database): Failure | undefined => {
  const problem = toProblem(error)
  if (problem instanceof TokenRejected) {
    const { code, expected, found, detail } = problem
    return { level: 'info', code, expected, found, reason: detail }
  }
  const reason = describeError(error instanceof DatabaseUnavailable ? (error.cause ?? error) : error)
  if (problem instanceof Unavailable) {
    // An outage is a warning of its own.
    const isKnown =
      error === problem || (error instanceof DatabaseUnavailable && !database.status().connected)
    return { level: isKnown ? 'info' : 'warn', code: problem.code, reason }
  }
  if (problem.status < 500) return undefined
  const stack = error instanceof Error ? error.stack : undefined
  return { level: 'error', message: 'unexpected error', reason, stack }
}

/** Why no route matched a request: its method (RFC 9110, section 15.5.6) or its path. */
const explainNoMatch = ({ router }: AnyElysia, path: string): Problem => {
  // A slash at the end is accepted everywhere.
  const known = path.replace(/(.)\/$/, '$1')
  const found = methods.filter(
    (method) => (router.static[known]?.[method] ?? router.http.find(method, known)) != null,
  )
  if (found.length === 0) return new NotFound('This path')
  const allow = found.join(', ').replace('GET', 'GET, HEAD')
  return new Problem(405, `Method not allowed. Allowed: ${allow}.`, { allow })
}

/**
 * Turns every error into a response (RFC 9457), and its reason into a part of the request's line of the log. `app` is
 * the whole service: Elysia would define a hook's own `server` again for every request.
 */
export const errorHandler = (app: () => AnyElysia, database: Database, log: Log) =>
  new Elysia({ name: 'error-handler' })
    .decorate('trace', undefined as Trace | undefined)
    .onError({ as: 'global' }, ({ error, path, set, request, trace }) => {
      // What a parse hook throws is the cause.
      const thrown = error instanceof ParseError ? error.cause : error
      const reason = thrown instanceof NotFoundError ? explainNoMatch(app(), path) : thrown
      const problem = toProblem(reason)
      const { status } = problem
      // Only at a level at which it is logged, because a token has to be decoded for its fields.
      const failure = status >= 500 || log.enabled('info') ? failureOf(reason, database) : undefined
      const requestId = String(set.headers['x-request-id'])
      if (failure) noteFailure(log, failure, { method: request.method, path, status, requestId }, trace)
      if (status === 413) app().server?.timeout(request, refusedBodyS)
      set.status = status
      Object.assign(set.headers, problem.headers, { 'content-type': 'application/problem+json' })
      return problem.toBody()
    })
