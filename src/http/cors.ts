import { cors } from '@elysiajs/cors'
import { Elysia } from 'elysia'
import type { Step } from './every-answer'
import { createOriginCheck } from './origins'

/** What a page of a listed origin may read of an answer. */
const readable = {
  'access-control-expose-headers': 'Allow, Location, Retry-After, WWW-Authenticate, X-Request-Id',
  'access-control-allow-credentials': 'true',
}

/** What it may send; a browser may remember that for ten minutes. */
const sendable = {
  'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
  'access-control-max-age': '600',
}

const usualHeaders = 'Authorization, Content-Type, X-Request-Id'

/** Names of headers, separated by commas (RFC 9110, section 5.1). */
const namesOfHeaders = /^[\w!#$%&'*+.^`|~, \t-]+$/

/**
 * The headers that a page may send: those that it requests, since the origin is trusted and tracers add
 * headers of their own.
 */
const allowedHeaders = (request: Request) => {
  const requested = request.headers.get('access-control-request-headers') ?? ''
  return namesOfHeaders.test(requested) ? requested : usualHeaders
}

/** For the options that the plugin's types do not let one switch off. */
const off = null as unknown as string

type Decide = (context: { request: Request; set: { headers: Record<string, string> } }) => void

/**
 * Lets pages of the listed origins call this API (FR-013), and nobody else. The plugin tells who is
 * listed, and is asked only where there is an origin; what else it says it would say on every answer,
 * so that is left to the step here.
 */
export const crossOrigin = (origins: readonly string[]): Step => {
  const isListed = createOriginCheck(origins)
  const plugin = cors({
    // A function, since the plugin compares strings without their scheme, too.
    origin: (request) => isListed(request.headers.get('origin') ?? ''),
    methods: false,
    allowedHeaders: off,
    exposeHeaders: off,
    credentials: false,
    // It would answer before anything else sees the request, the log for one.
    preflight: false,
  })
  // All that the plugin is: its one hook before requests.
  const decide = plugin.event.request?.[0]?.fn as Decide

  return (headers, request) => {
    headers.vary = 'Origin'
    if (!request.headers.has('origin')) return
    decide({ request, set: { headers } })
    if (!headers['access-control-allow-origin']) return
    Object.assign(headers, readable)
    if (request.method !== 'OPTIONS') return
    Object.assign(headers, sendable)
    headers['access-control-allow-headers'] = allowedHeaders(request)
    headers.vary = 'Origin, Access-Control-Request-Headers'
  }
}

/** Answers what a browser asks before it sends a request; the headers say the rest. */
export const preflight = () =>
  new Elysia({ name: 'preflight' }).options(
    '/*',
    ({ set }) => {
      set.status = 204
    },
    { detail: { hide: true } },
  )
