/** The query parameters, of these, that a URL has more than once: which of the values counts, nobody knows. */
export const repeatedParameters = (url: string, names: readonly string[]): string[] => {
  const start = url.indexOf('?')
  if (start === -1 || !url.includes('&', start)) return []
  const query = new URLSearchParams(url.slice(start))
  return names.filter((name) => query.getAll(name).length > 1)
}
