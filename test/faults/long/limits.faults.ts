import { describe, expect, it } from 'bun:test'
import { join } from 'node:path'
import { connectTo, temporaryFolder } from '../../support/databases'
import { tokenOf } from '../../support/tokens'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { openRaw, requestText } from '../support/raw'
import { onTasks } from '../support/statements'
import { timed, until } from '../support/time'

/** Requests by plain sockets: fetch would hide how a connection ends. */
const send = async (port: number, requests: [method: string, path: string, body?: string][]) => {
  const token = await tokenOf('alice')
  return requests.map(([method, path, body = '']) => {
    const raw = openRaw(port)
    raw.send(requestText(method, path, token, body.length, body))
    return raw
  })
}

const statusOf = ({ received }: ReturnType<typeof openRaw>) => Number(received().split(' ', 2)[1])

const task = '{"title":"x"}'

describe('a deadline', () => {
  it.each([100, 2000, 60_000])(
    'of %d ms is kept, with a 503, while Postgres is frozen',
    async (timeout) => {
      const cluster = await startCluster()
      const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: String(timeout) })
      // One that waits for a connection may be refused before its deadline.
      expect((await (await service.as('alice')).get('/api/tasks')).status).toBe(200)
      cluster.freeze()
      const start = performance.now()
      const requests = await send(service.port, [
        ['GET', '/api/tasks'],
        ['POST', '/api/tasks', task],
      ])
      await until(
        'all are answered',
        () => requests.every(({ received }) => received() !== ''),
        timeout + 5000,
      )
      expect(performance.now() - start).toBeLessThan(timeout + 2000)
      expect(requests.map(statusOf)).toEqual([503, 503])
      for (const { received } of requests) expect(received()).toContain('etry-')
      cluster.thaw()
      expect(service.unexpectedOutput).toEqual([])
    },
    90_000,
  )
})

describe('SIGTERM', () => {
  it('costs requests that wait for a frozen Postgres a 503, not an empty reply, and ends in time', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: '60000' })
    expect((await (await service.as('alice')).get('/api/tasks')).status).toBe(200)
    cluster.freeze()
    const requests = await send(service.port, [
      ['GET', '/api/tasks'],
      ['POST', '/api/tasks', task],
      ['GET', '/api/conversations'],
    ])
    await Bun.sleep(200)
    service.kill('SIGTERM')
    const { result: code, ms } = await timed(service.exited)
    expect(code).toBe(0)
    expect(ms).toBeLessThan(10_000)
    expect(requests.map(statusOf)).toEqual([503, 503, 503])
    cluster.thaw()
    expect(service.unexpectedOutput).toEqual([])
  }, 60_000)

  it('costs requests that wait for a lock a 503, and ends in time', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: '60000' })
    const [locker, admin] = [connectTo(cluster.url), connectTo(cluster.url)]
    await locker.unsafe('BEGIN; LOCK TABLE tasks')
    const requests = await send(service.port, [
      ['GET', '/api/tasks'],
      ['POST', '/api/tasks', task],
      ['DELETE', '/api/tasks/1'],
    ])
    await until('they wait', async () => (await onTasks(admin)) === 3)
    service.kill('SIGTERM')
    const { result: code, ms } = await timed(service.exited)
    expect(code).toBe(0)
    expect(ms).toBeLessThan(10_000)
    expect(requests.map(statusOf)).toEqual([503, 503, 503])
    expect(service.unexpectedOutput).toEqual([])
  }, 60_000)

  it('costs a client that sends its body slowly an error, and does not wait for it', async () => {
    const service = await startServing(`sqlite:${join(temporaryFolder(), 'todo.db')}`)
    const token = await tokenOf('alice')
    const slow = openRaw(service.port)
    slow.send(requestText('POST', '/api/tasks', token, 1000, '{'))
    const chunked = openRaw(service.port)
    chunked.send(
      requestText('POST', '/api/tasks', token, 1000, '1\r\n{\r\n').replace(
        'Content-Length: 1000',
        'Transfer-Encoding: chunked',
      ),
    )
    const dripping = setInterval(() => {
      slow.send(' ')
      chunked.send('1\r\n \r\n')
    }, 500)
    await Bun.sleep(500)
    service.kill('SIGTERM')
    const { result: code, ms } = await timed(service.exited)
    clearInterval(dripping)
    expect(code).toBe(0)
    expect(ms).toBeLessThan(10_000)
    for (const client of [slow, chunked]) expect(statusOf(client)).toBeOneOf([408, 503])
  }, 60_000)

  it('does not wait for clients that do not read their pages', async () => {
    const service = await startServing(`sqlite:${join(temporaryFolder(), 'todo.db')}`)
    const alice = await service.as('alice')
    const { body: conversation } = await alice.post('/api/conversations')
    const messages = `/api/conversations/${conversation.id}/messages`
    for (let count = 0; count < 10; count++)
      await alice.post(messages, { role: 'user', content: '🥛'.repeat(100_000) })
    const token = await tokenOf('alice')
    for (let count = 0; count < 8; count++) {
      const client = openRaw(service.port)
      client.pause()
      for (let page = 0; page < 4; page++) client.send(requestText('GET', messages, token))
    }
    await Bun.sleep(500)
    service.kill('SIGTERM')
    const { result: code, ms } = await timed(service.exited)
    expect(code).toBe(0)
    expect(ms).toBeLessThan(11_000)
  }, 60_000)
})
