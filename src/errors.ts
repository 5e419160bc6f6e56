import { InvertedStatusMap } from 'elysia'

/** What is wrong with a value: a JSON pointer to it (RFC 6901), and a sentence without its subject. */
export type ValueProblem = { path: string; message: string }

/** The same in a part of a request. */
export type FieldProblem = ValueProblem & { in: 'path' | 'query' | 'body' }

/** The whole sentence about a value; `whole` is what holds it. */
export const sentenceOf = ({ path, message }: ValueProblem, whole: string): string => {
  const name = path.slice(1).replaceAll('~1', '/').replaceAll('~0', '~')
  return `${name || whole} ${message}`
}

const titles: Record<number, string> = InvertedStatusMap

/** An error whose message is for the client, as problem details (RFC 9457). */
export class Problem extends Error {
  override name = 'Problem'
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly headers: Record<string, string> = {},
    readonly errors?: readonly FieldProblem[],
  ) {
    super(detail)
  }

  toBody() {
    const { status, detail, errors } = this
    return { type: 'about:blank', title: titles[status] ?? 'Error', status, detail, errors }
  }
}

/**
 * No usable token (RFC 6750, section 3): `error` and its description only if one was sent. The cause says
 * more, to the log alone.
 */
export class Unauthorized extends Problem {
  constructor(
    detail: string,
    sent = true,
    override readonly cause?: unknown,
  ) {
    const reason = sent ? ` error="invalid_token", error_description="${detail}"` : ''
    super(401, detail, { 'www-authenticate': `Bearer${reason}` })
  }
}

export class NotFound extends Problem {
  constructor(what: string) {
    super(404, `${what} does not exist.`)
  }
}

/** The methods that routes may have; GET includes HEAD. */
export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Returns a row that was found. Throws the error if there is none. */
export const found = <R extends object>(row: R | undefined, notFound: () => NotFound): R => {
  if (!row) throw notFound()
  return row
}

/** The problems of the first part of a request that is not valid; the detail is the first of them. */
export class Invalid extends Problem {
  constructor(part: FieldProblem['in'], problems: readonly ValueProblem[]) {
    const [first = { path: '', message: 'is not valid' }] = problems
    const errors = problems.map((problem) => ({ in: part, ...problem }))
    super(422, `${sentenceOf(first, `The ${part}`)}.`, {}, errors)
  }
}

/** Asks clients to try again after a second. */
export const retryAfter = { 'retry-after': '1' }

export class Unavailable extends Problem {
  constructor(
    /** For the log. */
    readonly code: string,
    readonly reason: string,
  ) {
    super(503, `${reason} Please try again.`, retryAfter)
  }
}
