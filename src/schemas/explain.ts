import type { TSchema } from '@sinclair/typebox'
import { isRefined } from './refine'

const list = new Intl.ListFormat('en', { type: 'disjunction', style: 'short' })

const rangeOf = (minimum: number | undefined, maximum: number | undefined): string => {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return ` of at least ${minimum}`
  return maximum === undefined ? '' : ` of at most ${maximum}`
}

const describeString = ({ format, minLength, maxLength, pattern }: TSchema): string => {
  if (format === 'date-time') return 'a time such as 2026-02-14T09:30:00.000Z'
  const range = rangeOf(minLength, maxLength)
  const rule = pattern === undefined ? '' : ` that matches ${pattern}`
  return `a string${range && `${range.replace(' from ', ' of ')} characters`}${rule}`
}

/** What a value of a schema is, in words. */
const describe = (schema: TSchema): string => {
  const { anyOf, type, minimum, maximum } = schema
  if (Array.isArray(anyOf)) {
    const options: TSchema[] = anyOf
    const literals = options.filter((option) => option.const !== undefined)
    const others = options.filter((option) => option.const === undefined).map(describe)
    if (literals.length === 0) return list.format(others)
    return [
      'one of ',
      literals.map((option) => option.const).join(', '),
      ...others.map((other) => ` or ${other}`),
    ].join('')
  }
  if (type === 'string') return describeString(schema)
  if (type === 'null') return 'null'
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}${rangeOf(minimum, maximum)}`
}

/** Why a value is not valid, as a sentence without its subject. */
export const explain = (schema: TSchema, wrong: unknown): string | undefined => {
  if (wrong === undefined) return 'is required'
  if (isRefined(schema)) return schema.check(wrong)
  return schema.anyOf || typeof schema.type === 'string' ? `must be ${describe(schema)}` : undefined
}
