import type { TSchema } from '@sinclair/typebox'

/** The minimum of a body limit, in bytes. */
const minBytes = 1024 * 1024
/** The longest encoding of a character in JSON: an escaped surrogate pair, `\ud83d\ude00`. */
const maxCharacterBytes = '\\ud83d\\ude00'.length
/** Space for everything else: names, punctuation, white space, ignored fields. */
const roomBytes = 64 * 1024

/** The body limit in bytes, which fits every text of the schema, however it is escaped in JSON. */
export const bodyLimitOf = (schema?: TSchema): number => {
  const fields: TSchema[] = Object.values(schema?.properties ?? {})
  const characters = fields.reduce((sum, { maxLength = 0 }) => sum + maxLength, 0)
  return Math.max(minBytes, characters * maxCharacterBytes + roomBytes)
}
