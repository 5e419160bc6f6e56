import { FormatRegistry, type SchemaOptions, type TUnsafe, Type } from '@sinclair/typebox'
import { TypeSystem } from '@sinclair/typebox/system'

const OneOf = TypeSystem.Type<string, SchemaOptions & { enum: readonly string[] }>(
  'OneOf',
  ({ enum: names }, value) => names.some((name) => name === value),
)

/** One of some words. */
export const oneOf = <const T extends string>(names: readonly T[], description: string) => {
  const error = `must be one of ${names.join(', ')}`
  return OneOf({ type: 'string', enum: names, description, error }) as TUnsafe<T>
}

export const boolean = (description: string) =>
  Type.Boolean({ description, examples: [false], error: 'must be true or false' })

export const Key = Type.Integer({ format: 'int64', minimum: 1, examples: [1] })

export const UserId = Type.String({ description: 'The user who owns the row.', examples: ['user-1'] })

const form = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

/** Whether a text is a time (RFC 3339, section 5.6) of a day that exists, in the years 1 to 9999. */
const isTime = (text: string): boolean => {
  const [, year, month, day] = form.exec(text)?.map(Number) ?? []
  if (!year || !month || !day || Number.isNaN(Date.parse(text))) return false
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate()
  // An offset can lead out of these years.
  return day <= lastDay && /^(?!0000)\d{4}-/.test(new Date(text).toISOString())
}

// Elysia's own rule accepts days that do not exist.
FormatRegistry.Set('date-time', isTime)

const time = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-02-14T09:30:00.000Z'] })

export const CreatedAt = time('When it was created, in UTC.')
export const UpdatedAt = time('When it was last changed, in UTC.')
