import type { TSchema } from '@sinclair/typebox'
import { Problem } from './schemas'

const text = (description: string) => ({ description, schema: { type: 'string' as const } })

const requestId = { 'X-Request-Id': text('The id of the request, also in the log.') }

const success: Record<number, string> = { 200: 'Done.', 201: 'Made.', 204: 'Removed.' }

const failure: Record<number, string> = {
  400: 'The body is missing or not well-formed JSON.',
  401: 'The token is missing or not valid.',
  404: 'There is no such row, or it is not this user’s.',
  408: 'The body took too long.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'The request is well-formed, but not valid.',
  500: 'A bug of this service.',
  503: 'The database, or the issuer of tokens, is away.',
}

const extraHeaders: Record<number, Record<string, ReturnType<typeof text>>> = {
  401: { 'WWW-Authenticate': text('What a token must be (RFC 6750).') },
  503: { 'Retry-After': text('Seconds until another try makes sense.') },
}

/** What may go wrong on every protected route, and on those that also take a body. */
export const failures = { guarded: [401, 500, 503], body: [400, 408, 413, 415, 422] }

interface Operation {
  tag: 'Health' | 'Users' | 'Tasks' | 'Conversations' | 'Messages'
  summary: string
  /** The schema of each success; null for an answer without a body. */
  gives: Record<number, TSchema | null>
  fails?: readonly number[]
  isOpen?: boolean
}

const problemAnswer = (status: number) => ({
  description: failure[status] ?? '',
  headers: { ...requestId, ...extraHeaders[status] },
  content: { 'application/problem+json': { schema: Problem } },
})

const answer = (status: number, schema: TSchema | null) => ({
  description: success[status] ?? failure[status] ?? '',
  headers: {
    ...requestId,
    ...(status >= 400 && extraHeaders[status]),
    ...(status === 201 && { Location: text('Where it is found.') }),
  },
  ...(schema && { content: { 'application/json': { schema } } }),
})

/** The part of an operation's description that its validating schemas do not tell. */
export const operation = ({ tag, summary, gives, fails = [], isOpen = false }: Operation) => ({
  tags: [tag],
  summary,
  security: isOpen ? [] : [{ bearer: [] }],
  responses: Object.fromEntries([
    ...Object.entries(gives).map(([status, schema]) => [status, answer(Number(status), schema)]),
    ...[...(isOpen ? [] : failures.guarded), ...fails].map((status) => [status, problemAnswer(status)]),
  ]),
})
