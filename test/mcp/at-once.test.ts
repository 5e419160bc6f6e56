import { Database } from 'bun:sqlite'
import { expect, it, setDefaultTimeout } from 'bun:test'
import { until } from '../faults/support/time'
import { cleanUp } from '../support/cleanup'
import { freshDatabase } from '../support/databases'
import { startService } from '../support/service'
import { tokenOf } from '../support/tokens'
import { callRaw, newHeaders, newMessage } from './support/raw'

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

it('a caller who leaves amid a call does not disturb those who call next', async () => {
  const url = await freshDatabase('SQLite')
  const service = await startService('SQLite', { DATABASE_URL: url, METRICS: 'true' })
  const waiting = async (count: number) =>
    (await service.get('/metrics')).body.includes(`database_statements_waiting ${count}\n`)
  const locker = new Database(url.replace('sqlite:', ''))
  cleanUp(() => locker.close())
  locker.run('BEGIN IMMEDIATE')

  const leaving = new AbortController()
  const left = fetch(`${service.url}/mcp`, {
    method: 'POST',
    headers: {
      ...newHeaders('tools/call', 'add_task'),
      authorization: `Bearer ${await tokenOf('alice')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(newMessage('tools/call', { name: 'add_task', arguments: { title: 'of alice' } })),
    signal: leaving.signal,
  })
  await until('the call waits', () => waiting(1))
  leaving.abort()
  await expect(left).rejects.toThrow()

  const bob = await service.as('bob')
  const adding = callRaw(bob, 'add_task', { title: 'of bob' })
  await until('the next call waits', () => waiting(2))
  locker.run('ROLLBACK')
  expect((await adding).body.result.structuredContent).toMatchObject({ user_id: 'bob', title: 'of bob' })
  await until('none waits', () => waiting(0))
  const { body } = await callRaw(bob, 'list_tasks', {})
  expect(body.result.structuredContent.tasks).toMatchObject([{ title: 'of bob' }])
})
