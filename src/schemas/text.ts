import type { SchemaOptions, TUnsafe } from '@sinclair/typebox'
import { TypeSystem } from '@sinclair/typebox/system'

/** Nothing that can be seen: no title and no user id may be such a text. */
export const blank = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800]*$/u

/** The number of code points, which is what JSON Schema and people count. */
export const characters = (value: string) => {
  let count = 0
  for (const _ of value) count++
  return count
}

/** The maximum size of a UTF-16 unit in JSON, in bytes: that of `\u0001`. */
export const maxJsonBytesPerUnit = 6

/** The rule in the words of JSON Schema. A pattern says that the text must not be blank. */
interface TextRule extends SchemaOptions {
  type?: string | string[]
  minLength?: 0 | 1
  maxLength: number
  pattern?: '\\S'
  description: string
}

const isText = ({ maxLength, minLength = 0, pattern }: TextRule, value: unknown): boolean =>
  typeof value === 'string' &&
  value.length >= minLength &&
  (value.length <= maxLength || characters(value) <= maxLength) &&
  (pattern === undefined || !blank.test(value)) &&
  !value.includes('\0') &&
  value.isWellFormed()

// A kind, because TypeBox would count UTF-16 units.
const Text = TypeSystem.Type<string | null, TextRule>(
  'Text',
  (rule, value) => (value === null && rule.type !== 'string') || isText(rule, value),
)

const errorOf = ({ minLength = 0, maxLength, pattern }: TextRule, type: string): string =>
  `must be ${type} of ${minLength} to ${maxLength} characters${pattern ? ', not only blanks' : ''}, without U+0000 and lone surrogates`

/** A text of at most `maxLength` characters (code points) that both databases return unchanged. */
export const text = (rule: TextRule) =>
  Text({ type: 'string', ...rule, error: errorOf(rule, 'a string') }) as TUnsafe<string>

/** The same, or null. */
export const textOrNull = (rule: TextRule) =>
  Text({ type: ['string', 'null'], ...rule, error: errorOf(rule, 'null or a string') })
