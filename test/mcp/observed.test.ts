import { expect, it, setDefaultTimeout } from 'bun:test'
import { createClient } from '../support/client'
import { freshDatabase } from '../support/databases'
import { startProgram } from '../support/program'
import { secret, tokenOf } from '../support/tokens'
import { callRaw, newHeaders, newMessage } from './support/raw'

setDefaultTimeout(30_000)

it('a call is one line of the log and one count, with the name of the tool and never its arguments', async () => {
  const program = await startProgram({
    DATABASE_URL: await freshDatabase('SQLite'),
    BETTER_AUTH_SECRET: secret,
    NODE_ENV: 'production',
    METRICS: 'true',
  })
  const alice = createClient(program.url, { authorization: `Bearer ${await tokenOf('alice')}` })
  await callRaw(alice, 'add_task', { title: 'a private title' }, { 'x-request-id': 'first' })
  await callRaw(alice, 'get_task', { task_id: 987_654 }, { 'x-request-id': 'second' })
  await callRaw(alice, 'made_up_tool', {}, { 'x-request-id': 'third' })
  await alice.post('/mcp', newMessage('tools/list'), {
    ...newHeaders('tools/list'),
    'x-request-id': 'fourth',
  })
  await alice.post('/mcp', [], { 'x-request-id': 'fifth' })
  await program.printed(/"request_id":"fifth"/)
  const lines = program
    .output()
    .split('\n')
    .filter((line) => line.includes('"path":"/mcp"'))
    .map((line) => JSON.parse(line))
  expect(lines).toMatchObject([
    { message: 'request', method: 'POST', status: 200, request_id: 'first', tool: 'add_task' },
    { message: 'request', method: 'POST', status: 200, request_id: 'second', tool: 'get_task' },
    { message: 'request', method: 'POST', status: 200, request_id: 'third' },
    { message: 'request', method: 'POST', status: 200, request_id: 'fourth' },
    { message: 'request', method: 'POST', status: 400, request_id: 'fifth' },
  ])
  expect(lines.map(({ tool }) => tool)).toEqual(['add_task', 'get_task', undefined, undefined, undefined])
  const { body } = await alice.get('/metrics')
  expect(body).toContain('mcp_tool_calls_total{tool="add_task",outcome="ok"} 1\n')
  expect(body).toContain('mcp_tool_calls_total{tool="get_task",outcome="error"} 1\n')
  expect(body).toContain('http_requests_total{method="POST",route="/mcp",status="200"} 4\n')
  for (const text of ['private', '987654', 'made_up', 'alice']) {
    expect(program.output()).not.toContain(text)
    expect(body).not.toContain(text)
  }
})
