import { connect } from 'node:net'
import { cleanUp } from '../../support/cleanup'

/** A connection of a client that sends what it is told to, and keeps what it is sent. */
export const openRaw = (port: number) => {
  const socket = connect(port, '127.0.0.1')
  cleanUp(() => socket.destroy())
  const chunks: Buffer[] = []
  let isClosed = false
  socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)))
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
  })
  return {
    send: (text: string) => socket.write(text),
    /** Reads nothing from now on. */
    pause: () => socket.pause(),
    received: () => Buffer.concat(chunks).toString(),
    isClosed: () => isClosed,
  }
}

/** A request as it goes over the wire, with the part of its body that is given. */
export const requestText = (method: string, path: string, token: string, length = 0, body = '') =>
  [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    ...(length > 0 ? ['Content-Type: application/json', `Content-Length: ${length}`] : []),
    '',
    body,
  ].join('\r\n')
