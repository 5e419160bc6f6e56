import { cors } from '@elysiajs/cors'

/** Lets pages of the listed origins call this API (FR-013), and nobody else. */
export const crossOrigin = (origins: readonly string[]) => {
  const listed = new Set(origins)
  return cors({
    // A function, since the plugin compares strings without their scheme, too.
    origin: (request) => listed.has(request.headers.get('origin') ?? ''),
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'X-Request-Id'],
    exposeHeaders: ['Allow', 'Location', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id'],
    credentials: true,
    maxAge: 600,
  })
}
