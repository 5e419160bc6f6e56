import { cleanUp } from './cleanup'

/** A reverse proxy that serves a service under a prefix, which it strips, and nothing else. */
export const startPrefixProxy = (target: string, prefix: string) => {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url)
      if (!pathname.startsWith(`${prefix}/`)) return new Response('not proxied', { status: 404 })
      const { method, headers } = request
      const answer = await fetch(target + pathname.slice(prefix.length) + search, {
        method,
        headers,
        body: await request.arrayBuffer(),
        redirect: 'manual',
      })
      // What fetch has decoded must not be announced as coded.
      answer.headers.delete('content-encoding')
      return new Response(answer.body, answer)
    },
  })
  cleanUp(() => server.stop(true))
  return `http://127.0.0.1:${server.port}${prefix}`
}
