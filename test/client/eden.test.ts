import { expect, it } from 'bun:test'
import { join } from 'node:path'
import { treaty } from '@elysiajs/eden'
import type { App } from '../../src/client'
import { root } from '../support/program'
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

it('the error that the README throws says what is wrong, also if the service cannot be reached', async () => {
  const readme = await Bun.file(join(root, 'README.md')).text()
  const [, expression] = /if \(error\) throw new Error\((.*)\)/.exec(readme) ?? []
  const messageOf = new Function('error', `return ${expression}`)
  const service = await startService('SQLite')
  const unauthorized = await treaty<App>(service.url).api.tasks.get()
  expect(messageOf(unauthorized.error)).toStartWith('An access token is needed')
  await service.stop()
  const unreachable = await treaty<App>(service.url).api.tasks.get()
  expect(messageOf(unreachable.error)).toMatch(/ECONNREFUSED|connect/)
})
