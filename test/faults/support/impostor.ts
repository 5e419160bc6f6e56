import { readFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { cleanUp } from '../../support/cleanup'

/** The first messages of the protocol (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const cleartextPassword = Buffer.from([82, 0, 0, 0, 8, 0, 0, 0, 3])

const listen = async (server: Server) => {
  cleanUp(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/**
 * Speaks Postgres's protocol, with TLS or not, and asks everybody for the password in clear. Keeps what it
 * receives after decryption.
 */
export const startImpostor = async (hasTls: boolean, certificate: { certificate: string; key: string }) => {
  const received: Buffer[] = []
  let connections = 0

  const ask = (socket: Socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      received.push(Buffer.from(data))
      socket.write(cleartextPassword)
    })
  }

  const [cert, key] = [readFileSync(certificate.certificate), readFileSync(certificate.key)]
  const inner = createTlsServer({ cert, key }, ask)
  inner.on('tlsClientError', () => {})
  const innerPort = await listen(inner)

  const accept = (socket: Socket) => {
    connections++
    cleanUp(() => socket.destroy())
    socket.on('error', () => {})
    socket.once('data', (data) => {
      if (!sslRequest.equals(Buffer.from(data))) {
        ask(socket)
        socket.emit('data', data)
      } else if (hasTls) {
        const encrypted = connect(innerPort, '127.0.0.1')
        cleanUp(() => encrypted.destroy())
        encrypted.on('error', () => {}).on('close', () => socket.destroy())
        socket.on('close', () => encrypted.destroy())
        socket.pipe(encrypted).pipe(socket)
        socket.write('S')
      } else {
        ask(socket)
        socket.write('N')
      }
    })
  }
  return {
    port: await listen(createServer(accept)),
    connections: () => connections,
    received: () => Buffer.concat(received).toString('latin1'),
  }
}
