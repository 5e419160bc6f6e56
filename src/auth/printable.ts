/** The most of one text that is logged, in UTF-16 units. */
const longest = 100
/** The most items of one list that are logged. */
const mostItems = 5

/** Control, format and other invisible characters, and all kinds of space but the usual one. */
const invisible = /(?! )[\p{C}\p{Z}]/gu

const quote = (text: string) =>
  JSON.stringify(text.slice(0, longest)).replace(
    invisible,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  ) + (text.length > longest ? '…' : '')

/** The first few items, and whether there are more. */
export const shortList = <T>(items: readonly T[], describe: (item: T) => string): string =>
  [...items.slice(0, mostItems).map(describe), ...(items.length > mostItems ? ['…'] : [])].join(', ')

/**
 * A value that a stranger chose, for the log: texts in quotes, so that nothing in them can pass for another
 * field or line, and everything of bounded length. `none` stands for a missing value.
 */
export const printable = (value: unknown): string => {
  if (value === undefined) return 'none'
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value))
    return `[${shortList(value, (item) => (Array.isArray(item) ? 'a list' : printable(item)))}]`
  return value !== null && typeof value === 'object' ? 'an object' : String(value)
}

/** What kind of value it is, without the value. */
export const kindOf = (value: unknown): string => {
  if (value === undefined) return 'none'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return `a text of ${value.length} characters`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
