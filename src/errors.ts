import { InvertedStatusMap } from 'elysia'

export interface FieldProblem {
  /** The part of the request that holds it. */
  in: 'path' | 'query' | 'body'
  /** A JSON pointer into that part (RFC 6901). */
  path: string
  message: string
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

export class MethodNotAllowed extends Problem {
  constructor(allowed: readonly string[]) {
    super(405, `Method not allowed. Allowed: ${allowed.join(', ')}.`, { allow: allowed.join(', ') })
  }
}

/** What the status 422 means. */
export const notValid = 'The request is well-formed, but not valid.'

export class Invalid extends Problem {
  constructor(errors: readonly FieldProblem[]) {
    super(422, notValid, {}, errors)
  }
}

/** Asks clients to try again after a second. */
export const retryAfter = { 'retry-after': '1' }

export class Unavailable extends Problem {
  constructor(readonly reason: string) {
    super(503, `${reason} Please try again.`, retryAfter)
  }
}
