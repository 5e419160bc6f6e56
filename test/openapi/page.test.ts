import { expect, it } from 'bun:test'
import { connect } from 'node:net'
import { startService } from '../support/service'

/** The answer to a request as it stands; fetch would add a Host. */
const ask = async (url: string, request: string) => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(request)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

it.each([
  'GET PATH HTTP/1.0\r\n\r\n',
  'GET PATH HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n',
  'GET PATH HTTP/1.1\r\nHost: no host\r\nConnection: close\r\n\r\n',
  'GET PATH HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n',
  'GET PATH HTTP/1.1\r\nHost: a:b:c\r\nConnection: close\r\n\r\n',
  'GET PATH HTTP/1.1\r\nHost: %zz/../x?y\r\nConnection: close\r\n\r\n',
])('needs no host: %j', async (request) => {
  const { url } = await startService('SQLite')
  for (const path of ['/docs', '/docs/', '/openapi.json', '/health', '/docs/start.js']) {
    const answer = await ask(url, request.replace('PATH', path))
    expect([path, answer.split('\r\n', 1)[0]]).toEqual([path, 'HTTP/1.1 200 OK'])
  }
  const page = await ask(url, request.replace('PATH', '/docs/'))
  expect(page).toContain('src="../docs/start.js"')
})

it('cannot be framed by another page, and keeps no token', async () => {
  const service = await startService('SQLite')
  const { headers } = await service.get('/docs')
  expect(headers.get('content-security-policy')).toMatch(/default-src 'self'.*frame-ancestors 'none'/)
  expect((await service.get('/docs/start.js')).body).not.toContain('persistAuthorization')
})
