/** Longer texts are not compared: the time of the expressions below grows with the square of the length. */
const maxLength = 500

/** Common differences between two spellings of a URL, each with the function that removes it. */
const differences: [string, (text: string) => string][] = [
  ['quotes or white space around it', (text) => text.replace(/^[\s"']+|[\s"']+$/g, '')],
  ['the case of letters', (text) => text.toLowerCase()],
  ['the scheme', (text) => text.replace(/^https?:\/\//i, '')],
  ['the default port', (text) => text.replace(/:(?:80|443)(?=\/|$)/, '')],
  ['a leading www.', (text) => text.replace(/^((?:https?:\/\/)?)www\./i, '$1')],
  ['the path /api/auth', (text) => text.replace(/\/api\/auth(?=\/*$)/i, '')],
  ['127.0.0.1 for localhost', (text) => text.replace('127.0.0.1', 'localhost')],
  ['a trailing slash', (text) => text.replace(/\/+$/, '')],
]

const without = (text: string, names: readonly string[]) =>
  differences.reduce((rest, [name, remove]) => (names.includes(name) ? remove(rest) : rest), text)

/**
 * Describes how two spellings of the same URL differ, for example by a trailing slash. Returns undefined if
 * they are different URLs.
 */
export const nearMiss = (expected: string, found: unknown): string | undefined => {
  if (typeof found !== 'string' || found.length > maxLength) return undefined
  const isEqualWithout = (names: readonly string[]) => without(expected, names) === without(found, names)
  const names = differences.map(([name]) => name)
  if (!isEqualWithout(names)) return undefined
  // Every difference that has to be removed to make them equal is named.
  const needed = names.reduce((left, name) => {
    const others = left.filter((other) => other !== name)
    return isEqualWithout(others) ? others : left
  }, names)
  return needed.join(' and ')
}
