import { createServer, request } from 'node:http'
import { cleanUp } from '../../support/cleanup'

/** A proxy that adds a token to each request and passes everything else on, Host and Origin included. */
export const startTokenProxy = async (target: string, token: string) => {
  const { hostname, port } = new URL(target)
  const server = createServer((incoming, answer) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${token}` }
    const outgoing = request(
      { hostname, port, method: incoming.method, path: incoming.url, headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(answer)
      },
    )
    outgoing.on('error', () => answer.destroy())
    incoming.pipe(outgoing)
  })
  cleanUp(() => {
    server.closeAllConnections()
    server.close()
  })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  server.on('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    resolve(`http://localhost:${typeof address === 'object' && address ? address.port : 0}`)
  })
  return promise
}
