/** The maximum length of a text that is logged, in UTF-16 units. */
const maxTextLength = 100
/** The maximum number of items of a list that are logged. */
const maxItems = 5

/** Control, format and other invisible characters, and all white space except the ordinary space. */
const invisible = /(?! )[\p{C}\p{Z}]/gu

const quote = (text: string) =>
  JSON.stringify(text.slice(0, maxTextLength)).replace(
    invisible,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  ) + (text.length > maxTextLength ? '…' : '')

/** The first few items, and whether there are more. */
export const shortList = <T>(items: readonly T[], describe: (item: T) => string): string =>
  [...items.slice(0, maxItems).map(describe), ...(items.length > maxItems ? ['…'] : [])].join(', ')

/**
 * Renders an untrusted value for the log. Strings are quoted, so that they cannot imitate another field or
 * line, and every value has a bounded length. A missing value becomes `none`.
 */
export const printable = (value: unknown): string => {
  if (value === undefined) return 'none'
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value))
    return `[${shortList(value, (item) => (Array.isArray(item) ? 'a list' : printable(item)))}]`
  return value !== null && typeof value === 'object' ? 'an object' : String(value)
}

/** Describes the type of a value without revealing it. */
export const kindOf = (value: unknown): string => {
  if (value === undefined) return 'none'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return `a text of ${value.length} characters`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
