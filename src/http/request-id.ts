import type { Step } from './every-answer'

/** What a caller may send: visible characters that need no escaping in a log. */
const sane = /^[\w.:/+=@-]{1,128}$/

/** Gives every answer an X-Request-Id: the caller's own where it sent a sane one. */
export const addRequestId: Step = (headers, request) => {
  const given = request.headers.get('x-request-id')
  headers['x-request-id'] = given !== null && sane.test(given) ? given : crypto.randomUUID()
}
