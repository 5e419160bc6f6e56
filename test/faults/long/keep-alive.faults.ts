import { expect, it } from 'bun:test'
import { connect } from 'node:net'
import { join } from 'node:path'
import { cleanUp } from '../../support/cleanup'
import { temporaryFolder } from '../../support/databases'
import { tokenOf } from '../../support/tokens'
import { startServing } from '../support/process'
import { until } from '../support/time'

/** Proxies keep a connection for up to 60 s; 45 s is the idle time at which users met the fault. */
const idleSeconds = [45, 65]

/** A connection of a proxy's, which it uses for one request after another. */
const keepConnection = (port: number) => {
  let received = ''
  let isClosed = false
  const socket = connect(port, '127.0.0.1')
  socket.on('data', (data) => {
    received += data
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
  })
  cleanUp(() => socket.destroy())
  return async (head: string[], body = '') => {
    received = ''
    const length = `Content-Length: ${Buffer.byteLength(body)}`
    socket.write(`${[...head, 'Host: localhost', length].join('\r\n')}\r\n\r\n${body}`)
    // Every answer asked for here is one JSON object.
    await until('there is an answer, or there will be none', () => received.endsWith('}') || isClosed)
    return received.split('\r\n', 1)[0]
  }
}

it.each(idleSeconds)(
  'a connection that was idle for %d s serves another request',
  async (seconds) => {
    const service = await startServing(`sqlite:${join(temporaryFolder(), 'todo.db')}`)
    const authorization = `Authorization: Bearer ${await tokenOf('alice')}`
    const post = ['POST /api/tasks HTTP/1.1', authorization, 'Content-Type: application/json']
    const [reading, writing] = [keepConnection(service.port), keepConnection(service.port)]
    const use = async () => [
      await reading(['GET /api/tasks HTTP/1.1', authorization]),
      await writing(post, '{"title":"Milk"}'),
    ]
    expect(await use()).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 201 Created'])
    await Bun.sleep(seconds * 1000)
    expect(await use()).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 201 Created'])
    expect(service.unexpectedOutput).toEqual([])
  },
  120_000,
)
