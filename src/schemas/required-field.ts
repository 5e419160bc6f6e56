import type { TObject } from '@sinclair/typebox'

const listed = new Intl.ListFormat('en', { type: 'disjunction', style: 'long' })

/**
 * Returns the problem of a change without fields, or undefined. A body that is not an object is reported by
 * its schema.
 */
export const missingField = (schema: TObject, body: unknown): string | undefined => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const fields = Object.keys(schema.properties)
  if (fields.some((field) => field in body)) return undefined
  return `must have a ${listed.format(fields).replace(/, or /, ' or ')}`
}
