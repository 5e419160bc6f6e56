import { expect, it } from 'bun:test'
import { startService } from '../support/service'
import { tokenOf } from '../support/tokens'
import { useClient } from './uses/eden'

it('the typed client receives what its types say', async () => {
  const { url } = await startService('SQLite')
  const { seen, missing } = await useClient(url, await tokenOf('alice'))
  expect(seen).toEqual({
    id: 1,
    description: null,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    titles: ['Milk'],
    cursor: null,
    isCompleted: true,
    problems: [{ in: 'body', path: '', message: expect.any(String) }],
    status: 'about:blank',
    user: 'alice',
    role: 'user',
    database: 'connected',
  })
  expect(missing).toMatchObject({ status: 404, value: { detail: 'This task does not exist.' } })
})
