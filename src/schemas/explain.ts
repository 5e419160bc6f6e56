import type { TSchema } from '@sinclair/typebox'
import type { ValueProblem } from '../errors'

/** An error of TypeBox. */
type ValueError = ValueProblem & { schema: TSchema; value: unknown }

const messageFor = ({ schema, value, message }: ValueError): string => {
  if (value === undefined) return 'is required'
  if (schema.elysiaMeta && Array.isArray(value) && value.length > 1) return 'must appear only once'
  return typeof schema.error === 'string' ? schema.error : `is not valid: ${message}`
}

/** What TypeBox found wrong, one problem for each path, in the words of the schema's `error`. */
export const explain = (errors: Iterable<ValueError>): ValueProblem[] => {
  const messages = new Map<string, string>()
  for (const error of errors) if (!messages.has(error.path)) messages.set(error.path, messageFor(error))
  return [...messages].map(([path, message]) => ({ path, message }))
}
