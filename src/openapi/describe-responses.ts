import type { TSchema } from '@sinclair/typebox'
import { notValid } from '../errors'

const text = (description: string) => ({ description, schema: { type: 'string' as const } })

const headersOf: Record<number, Record<string, ReturnType<typeof text>>> = {
  401: { 'WWW-Authenticate': text('What kind of token is required (RFC 6750).') },
  503: { 'Retry-After': text('The number of seconds after which to try again.') },
}

const requestId = { 'X-Request-Id': text('The id of the request, which is also in the log.') }
const location = { Location: text('The path of the new resource.') }

const descriptions: Record<number, string> = {
  200: 'OK.',
  201: 'Created.',
  204: 'Deleted.',
  400: 'The body is missing or not well-formed JSON.',
  401: 'The token is missing or not valid.',
  404: 'It does not exist, or is not this user’s.',
  408: 'The body took too long to arrive.',
  413: 'The body is too large.',
  415: 'The body is not JSON in UTF-8, or has a content coding.',
  422: notValid,
  500: 'An error of this service.',
  503: 'The database or the issuer of tokens is unavailable, or the service is stopping.',
}

/** Routes without a token do not depend on the issuer. */
const publicDescriptions: Record<number, string> = {
  ...descriptions,
  503: 'The database is unavailable, or the service is stopping.',
}

const contentOf = (schema: TSchema) => {
  if (schema.type === 'void') return undefined
  const type = schema.$id === 'Problem' ? 'application/problem+json' : 'application/json'
  return { [type]: { schema } }
}

interface Route {
  /** The schemas of its responses by status. */
  schemas: Readonly<Record<string, TSchema>>
  /** Whether the created row has a path, which is sent as its Location. */
  hasLocation: boolean
  /** Whether it needs no token. */
  isPublic: boolean
}

/** The responses of an operation (https://spec.openapis.org/oas/v3.1.0#responses-object). */
export const describeResponses = ({ schemas, hasLocation, isPublic }: Route) =>
  Object.fromEntries(
    Object.entries(schemas).map(([key, schema]) => {
      const status = Number(key)
      const content = contentOf(schema)
      return [
        status,
        {
          description: (isPublic ? publicDescriptions : descriptions)[status] ?? '',
          headers: { ...requestId, ...headersOf[status], ...(status === 201 && hasLocation && location) },
          ...(content && { content }),
        },
      ]
    }),
  )
