import { refine } from './refine'

interface Limits {
  max: number
  nonEmpty?: boolean
  nonBlank?: boolean
  description: string
  examples: string[]
}

/** A text of at most `max` characters (code points) that both databases return unchanged. */
export const text = ({ max, nonEmpty = false, nonBlank = false, description, examples }: Limits) =>
  refine<string>(
    {
      type: 'string',
      ...(nonEmpty && { minLength: 1 }),
      ...(nonBlank && { pattern: '\\S' }),
      maxLength: max,
      description,
      examples,
    },
    (value) => {
      if (typeof value !== 'string') return 'must be a string'
      if (nonEmpty && value === '') return 'must have at least 1 character'
      if (value.length > max && characters(value) > max) return `must have at most ${max} characters`
      if (nonBlank && value.trim() === '') return 'must not be only white space'
      if (value.includes('\0')) return 'must not contain U+0000'
      if (!value.isWellFormed()) return 'must be well-formed Unicode'
    },
  )

/** The same, or null. */
export const textOrNull = (limits: Limits) => {
  const { check, ...schema } = text(limits)
  return refine<string | null>({ ...schema, type: ['string', 'null'] }, (value) =>
    value === null ? undefined : check(value),
  )
}

/** The number of code points, which is what JSON Schema and people count. */
export const characters = (value: string) => {
  let count = 0
  for (const _ of value) count++
  return count
}

/** The maximum size of a UTF-16 unit in JSON, in bytes: that of `\u0001`. */
export const maxJsonBytesPerUnit = 6
