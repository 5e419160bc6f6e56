import type { Step } from './every-answer'

/**
 * Marks every answer under /api, errors included, as one user's: no cache may keep it (RFC 9111, section
 * 5.2.2.5), and no browser may take its text for a page or a script.
 */
export const protectAnswers: Step = (headers, request) => {
  const { url } = request
  // The first slash after http:// or https://, as Elysia finds the path.
  const start = url.indexOf('/', 8)
  if (!url.startsWith('/api', start)) return
  const next = url[start + 4]
  if (next !== undefined && next !== '/' && next !== '?') return
  headers['cache-control'] = 'no-store'
  headers['x-content-type-options'] = 'nosniff'
}
