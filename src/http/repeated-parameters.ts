/**
 * Returns those of the named query parameters that occur more than once in a URL, which would be ambiguous.
 */
export const repeatedParameters = (url: string, names: readonly string[]): string[] => {
  const start = url.indexOf('?')
  if (start === -1 || !url.includes('&', start)) return []
  const query = new URLSearchParams(url.slice(start))
  return names.filter((name) => query.getAll(name).length > 1)
}
