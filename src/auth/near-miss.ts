/** Longer texts are not compared: the expressions below would take long. */
const longest = 500

/** What people's spellings of one address differ by, and the function that removes the difference. */
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
 * What two different texts differ by if they are spellings of one address, such as a trailing slash;
 * nothing if they are not.
 */
export const nearMiss = (expected: string, found: unknown): string | undefined => {
  if (typeof found !== 'string' || found.length > longest) return undefined
  const isEqualWithout = (names: readonly string[]) => without(expected, names) === without(found, names)
  const names = differences.map(([name]) => name)
  if (!isEqualWithout(names)) return undefined
  // Each difference is named that is needed for the two to become equal.
  const needed = names.reduce((left, name) => {
    const others = left.filter((other) => other !== name)
    return isEqualWithout(others) ? others : left
  }, names)
  return needed.join(' and ')
}
