import type { TObject } from '@sinclair/typebox'

const listed = new Intl.ListFormat('en', { type: 'disjunction', style: 'long' })

/**
 * Returns what is wrong with a change that changes nothing, or undefined. A body that is no object is
 * not valid for a reason of its own.
 */
export const missingField = (schema: TObject, body: unknown): string | undefined => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const fields = Object.keys(schema.properties)
  if (fields.some((field) => field in body)) return undefined
  return `must have a ${listed.format(fields).replace(/, or /, ' or ')}`
}
