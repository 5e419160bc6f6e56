/** What an asterisk in the host of a pattern matches. */
const partOfHost = '[a-z0-9._-]+'

const toExpression = (pattern: string) => {
  const [, rest = '', anyPort] = /^(.*?)(:\*)?$/.exec(pattern) ?? []
  const host = rest.split('*').map(RegExp.escape).join(partOfHost)
  return new RegExp(`^${host}${anyPort ? '(?::\\d+)?' : ''}$`)
}

/**
 * Returns the function that checks whether an `Origin` header is one of these origins or matches a pattern.
 */
export const createOriginCheck = (origins: readonly string[]) => {
  const exact = new Set(origins)
  const patterns = origins.filter((origin) => origin.includes('*')).map(toExpression)
  return (header: string): boolean => {
    // Browsers send lower case (RFC 6454, section 4), but some web views do not.
    const origin = header.toLowerCase()
    return exact.has(origin) || patterns.some((pattern) => pattern.test(origin))
  }
}
