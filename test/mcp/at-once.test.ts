import { Database } from 'bun:sqlite'
import { expect, it, setDefaultTimeout } from 'bun:test'
import { until } from '../faults/support/time'
import { cleanUp } from '../support/cleanup'
import { freshDatabase } from '../support/databases'
import { startService } from '../support/service'
import { tokenOf } from '../support/tokens'
import { callRaw, newHeaders, newMessage, oldHeaders } from './support/raw'

setDefaultTimeout(30_000)

it('calls at the same moment, with the same id, are each for their own user', async () => {
  const service = await startService('SQLite')
  const users = Array.from({ length: 40 }, (_, index) => `user-${index}`)
  for (let round = 1; round <= 3; round++) {
    const lists = await Promise.all(
      users.map(async (user) => {
        const client = await service.as(user)
        await callRaw(client, 'add_task', { title: user })
        return (await callRaw(client, 'list_tasks', {})).body.result.structuredContent.tasks
      }),
    )
    for (const [index, tasks] of lists.entries()) {
      const user = users[index] ?? ''
      expect(tasks).toHaveLength(round)
      for (const task of tasks) expect(task).toMatchObject({ user_id: user, title: user })
    }
  }
})

const call = { name: 'add_task', arguments: { title: 'of alice' } }

it.each([
  ['now', newMessage('tools/call', call), newHeaders('tools/call', 'add_task')],
  ['in an earlier revision', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: call }, oldHeaders],
])(
  'a caller who leaves amid a call, %s, ends it and does not disturb the next',
  async (_, message, headers) => {
    const url = await freshDatabase('SQLite')
    const service = await startService('SQLite', { DATABASE_URL: url, METRICS: 'true' })
    const shows = async (line: string) => (await service.get('/metrics')).body.includes(`${line}\n`)
    const locker = new Database(url.replace('sqlite:', ''))
    cleanUp(() => locker.close())
    locker.run('BEGIN IMMEDIATE')

    const leaving = new AbortController()
    const authorization = `Bearer ${await tokenOf('alice')}`
    const left = fetch(`${service.url}/mcp`, {
      method: 'POST',
      headers: { ...headers, authorization, 'content-type': 'application/json' },
      body: JSON.stringify(message),
      signal: leaving.signal,
    })
    await until('the call waits', () => shows('database_statements_waiting 1'))
    leaving.abort()
    await expect(left).rejects.toThrow()

    const bob = await service.as('bob')
    const adding = callRaw(bob, 'add_task', { title: 'of bob' })
    await until('the next call waits', () => shows('database_statements_waiting 2'))
    locker.run('ROLLBACK')
    expect((await adding).body.result.structuredContent).toMatchObject({ user_id: 'bob', title: 'of bob' })
    // The request for the metrics is one itself.
    await until('none is under way', () => shows('http_requests_in_flight 1'))
    const { body } = await callRaw(bob, 'list_tasks', {})
    expect(body.result.structuredContent.tasks).toMatchObject([{ title: 'of bob' }])
  },
)
