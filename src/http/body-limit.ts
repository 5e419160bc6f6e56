import type { TSchema } from '@sinclair/typebox'

/** The least that the limit of a body may be, in bytes. */
const leastBytes = 1024 * 1024
/** The longest spelling of one character in JSON: an escaped surrogate pair, `\ud83d\ude00`. */
const longestCharacter = '\\ud83d\\ude00'.length
/** Room for all that surrounds the texts: names, punctuation, white space, fields that are ignored. */
const roomBytes = 64 * 1024

/** The limit of a body in bytes: it leaves room for every text of the schema, however JSON spells it. */
export const bodyLimitOf = (schema?: TSchema): number => {
  const fields: TSchema[] = Object.values(schema?.properties ?? {})
  const characters = fields.reduce((sum, { maxLength = 0 }) => sum + maxLength, 0)
  return Math.max(leastBytes, characters * longestCharacter + roomBytes)
}
