/** Origins are shorter: a scheme, a host of at most 253 characters and a port. */
const maxOriginLength = 300

/** What an asterisk in a pattern stands for. */
const partOfHost = /^[a-z0-9._-]+$/

/** Returns the function that checks whether an `Origin` header is one of these origins or matches a pattern. */
export const createOriginCheck = (origins: readonly string[]) => {
  const exact = new Set(origins.filter((origin) => !origin.includes('*')))
  // No expressions with several asterisks, which could take a long time to match.
  const patterns = origins.map((origin) => origin.split('*')).filter((parts) => parts.length === 2)
  return (header: string): boolean => {
    if (header.length > maxOriginLength) return false
    // Browsers send lower case (RFC 6454, section 4), but some web views do not.
    const origin = header.toLowerCase()
    return (
      exact.has(origin) ||
      patterns.some(
        ([start = '', end = '']) =>
          origin.startsWith(start) &&
          origin.endsWith(end) &&
          partOfHost.test(origin.slice(start.length, -end.length || undefined)),
      )
    )
  }
}
