import { isIPv6 } from 'node:net'
import type { Report } from './report'

/** Reads HOST: an address or a name. An IPv6 address may be in brackets, as in a URL. */
export const readHost = (text: string, report: Report): string => {
  const host = text.replace(/^\[(.*)\]$/, '$1')
  if (/[\s/@*]/.test(host) || (host.includes(':') && !isIPv6(host)))
    report('HOST', 'must be an address or a name, without scheme and port')
  return host
}
