import { type TSchema, type TVoid, Type } from '@sinclair/typebox'
import { Invalid, Problem as Thrown } from '../errors'
import { Problem } from '../schemas/problem'

/** A response without a body. */
export const noContent: TVoid = Type.Void()

/** The errors of every route under /api, and those of every route that reads a body. */
export const apiErrors = [401, 422, 500, 503] as const
export const bodyErrors = [400, 408, 413, 415] as const

/**
 * The schemas of a route's responses by status: they type its handler and its clients, describe it, and select what
 * is sent. Elysia does not check responses against them, which would take a sixth of a list's time.
 */
export const responses = <const S extends Record<number, TSchema>, const E extends readonly number[]>(
  successes: S,
  errors: E,
) => {
  const schemas = [...Object.entries(successes), ...errors.map((status) => [status, Problem] as const)]
  const unchecked = schemas.map(([status, schema]) => [status, { ...schema, noValidate: true }])
  return Object.fromEntries(unchecked) as unknown as S & Record<E[number], typeof Problem>
}

const descriptions: Record<string, string> = {
  200: 'OK.',
  201: 'Created.',
  204: 'Deleted.',
  400: 'The body is missing or not well-formed JSON.',
  401: 'The token is missing or not valid; the header WWW-Authenticate says why.',
  404: 'It does not exist, or is not this user’s.',
  408: 'The body took too long to arrive.',
  413: 'The body is too large.',
  415: 'The body is not JSON in UTF-8, or has a content coding.',
  422: 'The request is well-formed, but not valid.',
  500: 'An error of this service.',
  503: 'The database, or another part that is needed, is unavailable, or the service is stopping.',
}

const whereItIs = 'The address of the new resource, relative to the one of the request.'
const location = { Location: { description: whereItIs, schema: { type: 'string' as const } } }

const contentOf = (status: number, description: string, schema: TSchema) => {
  if (schema.$id !== Problem.$id) return { 'application/json': { schema } }
  const problem =
    status === 422
      ? new Invalid('body', [{ path: '/title', message: 'is required' }])
      : new Thrown(status, description)
  return { 'application/problem+json': { schema, example: problem.toBody() } }
}

/** The responses of an operation (https://spec.openapis.org/oas/v3.1.0#responses-object). */
export const describeResponses = (schemas: Readonly<Record<string, TSchema>>, hasLocation: boolean) =>
  Object.fromEntries(
    Object.entries(schemas).map(([status, schema]) => {
      const description = descriptions[status] ?? ''
      const headers = status === '201' && hasLocation ? location : undefined
      if (schema.type === 'void') return [status, { description }]
      return [status, { description, headers, content: contentOf(Number(status), description, schema) }]
    }),
  )
