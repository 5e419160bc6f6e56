import type { Report } from './environment'

/** Splits a list: in JSON, or separated by commas or blanks. */
const entriesOf = (text: string): unknown[] => {
  try {
    return [JSON.parse(text)].flat()
  } catch {
    return text.split(/[\s,]+/).filter(Boolean)
  }
}

/** A scheme, a name or an address, and a port. URL.parse would accept more. */
const form = /^[a-z][\w+.-]*:\/\/(?:[\p{L}\p{M}\p{N}_.*-]+|\[[\da-f:.]+\])(?::\d+)?\/?$/iu

// A host with an asterisk at its start and two labels after it, since `*.com` would allow pages of strangers. One
// label is enough where nobody can register a name (RFC 2606, RFC 6761).
const pattern = /^\*(?:[^.*]*(?:\.[^.*]+){2,}|\.(?:example|internal|local|localhost|test))$/

/** An origin as browsers send it (RFC 6454, section 6.2), or a pattern; undefined if it is neither. */
const readOrigin = (entry: unknown): string | undefined => {
  const url = typeof entry === 'string' && form.test(entry) ? URL.parse(entry) : null
  if (!url || (url.host.includes('*') && !pattern.test(url.hostname))) return
  return `${url.protocol}//${url.host.toLowerCase()}`
}

const advice = 'write scheme, host and port; a * may only start the host, as in https://*.app.example'

/** Reads the origins, and the patterns of origins, in CORS_ORIGINS. */
export const readOrigins = (text: string, report: Report): string[] =>
  entriesOf(text).flatMap((entry, index) => {
    const origin = readOrigin(entry)
    if (!origin) report('CORS_ORIGINS', `is a list whose entry ${index + 1} is not an origin: ${advice}`)
    return origin ?? []
  })
