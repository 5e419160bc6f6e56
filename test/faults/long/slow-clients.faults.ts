import { describe, expect, it } from 'bun:test'
import { join } from 'node:path'
import { temporaryFolder } from '../../support/databases'
import { tokenOf } from '../../support/tokens'
import { type Running, startServing } from '../support/process'
import { startSlowClients } from '../support/slow-clients'
import { timed } from '../support/time'

type Clients = ReturnType<typeof startSlowClients>

/** What the service promises all the while until the last of the connections is closed. */
const expectUnaffected = async (service: Running, idle: number, clients: Clients) => {
  const start = performance.now()
  while (!clients.areClosed) {
    const { result, ms } = await timed(() => service.get('/health'))
    expect(result.status).toBe(200)
    expect(ms).toBeLessThan(1000)
    expect(service.memory).toBeLessThan(idle + 150)
    expect(performance.now() - start).toBeLessThan(60_000)
    await Bun.sleep(50)
  }
  expect(service.unexpectedOutput).toEqual([])
}

const start = async () => {
  const service = await startServing(`sqlite:${join(temporaryFolder(), 'todo.db')}`)
  return { service, idle: service.memory, token: await tokenOf('alice') }
}

const upload = (token: string, length: string) =>
  [
    'POST /api/tasks HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `${length}\r\n\r\n`,
  ].join('\r\n')

describe('slow clients', () => {
  it('that send a header byte a second, 500 of them, are closed by a time limit', async () => {
    const { service, idle } = await start()
    const head = 'GET / HTTP/1.1\r\nX: '
    const clients = startSlowClients({ port: service.port, count: 500, head, bytes: 1 })
    await expectUnaffected(service, idle, clients)
  }, 90_000)

  it('that send a byte of a body a second, 64 of them, are told so and closed', async () => {
    const { service, idle, token } = await start()
    const head = upload(token, 'Content-Length: 1000000')
    const clients = startSlowClients({ port: service.port, count: 64, head, bytes: 1 })
    await expectUnaffected(service, idle, clients)
    expect(await clients.answers()).toEqual(['HTTP/1.1 408 Request Timeout'])
  }, 90_000)
})

describe('uploads of 1 GB, 64 at once', () => {
  it.each(['Content-Length: 1073741824', 'Transfer-Encoding: chunked'])(
    'are refused and closed (%s)',
    async (length) => {
      const { service, idle, token } = await start()
      const behaviour = { count: 64, head: upload(token, length), bytes: 2 ** 30 }
      const chunked = length.endsWith('chunked')
      const clients = startSlowClients({ port: service.port, ...behaviour, chunked })
      await expectUnaffected(service, idle, clients)
      expect(await clients.answers()).toEqual(['HTTP/1.1 413 Payload Too Large'])
    },
    90_000,
  )
})
