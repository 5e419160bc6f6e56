import { expect, it } from 'bun:test'
import { connect } from 'node:net'
import { startService } from '../../support/service'
import { tokenOf } from '../../support/tokens'

it('/mcp waits for a body no longer than 10 s', async () => {
  const { url } = await startService('SQLite')
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.once('data', (data) => resolve(data.toString()))
  socket.write(
    `POST /mcp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await tokenOf('alice')}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
  )
  expect(await promise).toStartWith('HTTP/1.1 408')
  socket.destroy()
})
