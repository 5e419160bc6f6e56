import { Problem } from '../errors'

/** application/json, and types based on it (RFC 6839), with or without parameters. */
const json = /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

/** One parameter of a media type (RFC 9110, section 5.6.6); its value may be quoted and hold semicolons. */
const parameter = /;\s*([^\s;=]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g

const utf8 = /^utf-?8$/i

const charsetsOf = (contentType: string) =>
  [...contentType.matchAll(parameter)]
    .filter(([, name]) => name?.toLowerCase() === 'charset')
    .map(([, , quoted, bare = '']) => quoted?.replace(/\\(.)/g, '$1') ?? bare.trim())

const isIdentity = (coding: string) => /^\s*(?:identity)?\s*$/i.test(coding)

/** The problem of a body that is not JSON: 415. */
export const notJson = () =>
  new Problem(415, 'The body must be JSON, sent with Content-Type: application/json.')

/**
 * Checks that a body is JSON in UTF-8, sent without a content coding. Throws Problem: 415
 * (RFC 9110, section 15.5.16), with `Accept-Encoding` if the coding is the reason.
 */
export const checkMediaType = (headers: Headers): void => {
  const coding = headers.get('content-encoding')
  if (coding !== null && !coding.split(',').every(isIdentity))
    throw new Problem(415, 'The body must be sent as it is, without Content-Encoding.', {
      'accept-encoding': 'identity',
    })
  const type = headers.get('content-type') ?? ''
  if (type === 'application/json') return
  if (!json.test(type)) throw notJson()
  if (!charsetsOf(type).every((charset) => utf8.test(charset)))
    throw new Problem(415, 'The body must be in UTF-8, which is the only charset of JSON.')
}
