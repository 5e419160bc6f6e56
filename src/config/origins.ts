import type { Report } from './report'

/** Splits a list: separated by commas, blanks or line breaks, or in JSON. */
const entriesOf = (text: string) => {
  const [, inside] = /^\[(.*)\]$/s.exec(text) ?? []
  return (inside ?? text)
    .replaceAll('\\/', '/')
    .split(/[\s,;]+/)
    .map((entry) => entry.replace(/^["'`]+|["'`]+$/g, ''))
    .filter(Boolean)
}

/**
 * Whether a domain follows the asterisks of a host. `https://*` would match every site, and
 * `https://*app.example` domains that anybody can register.
 */
const endsWithDomain = (host: string) => {
  const labels = host.split('.')
  const last = labels.findLastIndex((label) => label.includes('*'))
  const needed = labels[last] === '*' ? 1 : 2
  return last === -1 || labels.length - 1 - last >= needed
}

type Reading = { origin: string } | { problem: string }

/** An origin as browsers send it (RFC 6454, section 6.2), with asterisks if it is a pattern. */
const readOrigin = (entry: string): Reading => {
  if (entry === '*')
    return {
      problem: 'is *: pages may send credentials, so name each origin, or write https://*.app.example',
    }
  if (entry.toLowerCase() === 'null')
    return { problem: 'is null, the origin of every sandboxed frame and every local file' }
  // URL.parse rejects an asterisk as the port.
  const anyPort = /:\*\/?$/.test(entry) ? ':*' : ''
  const url = entry.includes('://') ? URL.parse(anyPort ? entry.replace(/:\*\/?$/, '') : entry) : null
  if (!url?.host) {
    const isHost = /^[\w*-]+(\.[\w-]+)+(:[\d*]+)?\/?$/.test(entry)
    const hint = isHost ? `write https://${entry.toLowerCase()}` : 'write scheme, host and port'
    return { problem: `is not an origin: ${hint}` }
  }
  const origin = `${url.protocol}//${url.host.toLowerCase()}${anyPort}`
  const isBare = /^\/?$/.test(url.pathname) && !/[?#@]/.test(entry)
  if (!isBare) return { problem: `is not an origin: write ${origin}` }
  if (!endsWithDomain(url.hostname))
    return { problem: 'has no domain after its *, as in https://*.app.example' }
  return { origin }
}

/** Reads the origins and patterns of origins in CORS_ORIGINS, and reports invalid entries. */
export const readOrigins = (text: string, report: Report): string[] => {
  const origins: string[] = []
  for (const [index, entry] of entriesOf(text).entries()) {
    const reading = readOrigin(entry)
    if ('origin' in reading) origins.push(reading.origin)
    else report('CORS_ORIGINS', `is a list whose entry ${index + 1} ${reading.problem}`)
  }
  return origins
}
