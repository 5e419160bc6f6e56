import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { dialects } from '../support/databases'
import { startService } from '../support/service'
import { callRaw } from './support/raw'

setDefaultTimeout(30_000)

const longTitle = 'x'.repeat(501)

const title =
  'title must be a string of 1 to 500 characters, not only blanks, without U+0000 and lone surrogates'
const description =
  'description must be null or a string of 0 to 10000 characters, without U+0000 and lone surrogates'

const invalid: [string, unknown, string][] = [
  ['add_task', {}, 'title is required'],
  ['add_task', { title: 5, description: ['x'] }, `${title}; ${description}`],
  ['add_task', { title: ' ' }, title],
  ['add_task', { title: longTitle }, title],
  ['add_task', { title: 'x', description: 'a\0b' }, description],
  [
    'list_tasks',
    { status: 'done', limit: 0, cursor: 'nonsense' },
    'status must be one of all, pending, completed; limit must be an integer from 1 to 100; cursor must be the next_cursor of a page',
  ],
  ['list_tasks', { limit: '20' }, 'limit must be an integer from 1 to 100'],
  ['list_tasks', { limit: 1.5 }, 'limit must be an integer from 1 to 100'],
  ['get_task', { task_id: '1' }, 'task_id must be an integer'],
  ['get_task', { task_id: 1.5 }, 'task_id must be an integer'],
  ['get_task', { task_id: 1e300 }, 'task_id must be an integer'],
  ['get_task', { id: 1 }, 'task_id is required'],
  [
    'complete_task',
    { task_id: null, completed: 'yes' },
    'task_id must be an integer; completed must be true or false',
  ],
  ['update_task', { title: '' }, `task_id is required; ${title}`],
  ['update_task', { task_id: 1, completed: true }, 'the arguments must have a title or description'],
  ['update_task', {}, 'task_id is required; the arguments must have a title or description'],
  ['delete_task', { task_id: {} }, 'task_id must be an integer'],
]

describe('arguments', () => {
  it('that are not valid: one error names every problem', async () => {
    const alice = await (await startService('SQLite')).as('alice')
    for (const [name, given, problems] of invalid) {
      const { status, body } = await callRaw(alice, name, given)
      const text = `The arguments are not valid: ${problems}.`
      expect({ name, given, status, result: body.result }).toMatchObject({
        name,
        given,
        status: 200,
        result: { isError: true, content: [{ type: 'text', text }] },
      })
    }
    expect((await alice.get('/api/tasks')).body.data).toEqual([])
  })

  it('that are very large are refused by name, and what no valid message needs with 413', async () => {
    const alice = await (await startService('SQLite')).as('alice')
    const { body } = await callRaw(alice, 'add_task', { title: '😀'.repeat(200_000) })
    expect(body.result.content[0].text).toBe(`The arguments are not valid: ${title}.`)
    const { status, headers } = await callRaw(alice, 'add_task', { title: 'x'.repeat(2 ** 21) })
    expect(status).toBe(413)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect((await alice.get('/api/tasks')).body.data).toEqual([])
  })

  it('that are no object are a mistake of the client, not of the model', async () => {
    const alice = await (await startService('SQLite')).as('alice')
    for (const given of [5, 'text', ['x']])
      expect((await callRaw(alice, 'add_task', given)).body.error.code).toBe(-32_602)
  })
})

describe.each(dialects)('arguments on %s', (dialect) => {
  it('that a tool does not know change nothing', async () => {
    const alice = await (await startService(dialect)).as('alice')
    const { body: added } = await callRaw(alice, 'add_task', { title: 'Milk', completed: true, due: 'today' })
    const { id } = added.result.structuredContent
    await callRaw(alice, 'update_task', { task_id: id, title: 'Bread', completed: true, created_at: 'never' })
    const { body } = await alice.get(`/api/tasks/${id}`)
    expect(body).toMatchObject({ title: 'Bread', completed: false, description: null })
  })

  it('that are valid at the limit are stored unchanged, however JSON spells them', async () => {
    const alice = await (await startService(dialect)).as('alice')
    const task = { title: '𝕏'.repeat(500), description: '😀'.repeat(10_000) }
    const { body } = await callRaw(alice, 'add_task', task)
    expect(body.result.structuredContent).toMatchObject(task)
    const whole = await callRaw(alice, 'get_task', { task_id: body.result.structuredContent.id })
    expect(whole.body.result.structuredContent).toMatchObject(task)
  })
})
