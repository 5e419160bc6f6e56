import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { builtBinary } from '../support/binary'
import { createClient } from '../support/client'
import { temporaryFolder } from '../support/databases'
import { root, startProgram } from '../support/program'
import { secret, tokenOf } from '../support/tokens'

setDefaultTimeout(30_000)

const forms = [
  ['source', async () => ['bun', `${root}/src/index.ts`]],
  ['binary', async () => [await builtBinary()]],
] as const

// Elysia looks at the names of classes and at the source of functions, which minification changes.
describe.each(forms)('the program from %s', (_, commandOf) => {
  const start = async () => {
    const environment = { DATABASE_URL: ':memory:', BETTER_AUTH_SECRET: secret, NODE_ENV: 'production' }
    const program = await startProgram(environment, { command: await commandOf(), cwd: temporaryFolder() })
    await program.client.until('/health', 200)
    return createClient(program.url, { authorization: `Bearer ${await tokenOf('alice')}` })
  }

  it('refuses parameters that are not valid, and names them', async () => {
    const alice = await start()
    await alice.post('/api/conversations')
    const invalid: Record<string, string[]> = {
      limit: [
        '101',
        '0',
        '-1',
        'abc',
        '1e1',
        '0x10',
        '01',
        '+1',
        '1.0',
        ' 1',
        '',
        'Infinity',
        '٣',
        '9'.repeat(30),
        '[5]',
        '[5,6]',
      ],
      completed: ['1', 'TRUE', 'True', '', 'yes', 'false ', '[true]', '[]', '[true'],
      cursor: ['x', '', 'MQ==', 'MA', '[MQ]', '[MQ'],
    }
    for (const [name, values] of Object.entries(invalid))
      for (const value of values) {
        const { status, body } = await alice.get(`/api/tasks?${name}=${encodeURIComponent(value)}`)
        expect([name, value, status, body.errors?.[0].path]).toEqual([name, value, 422, `/${name}`])
        expect(body.detail).toStartWith(`${name} must `)
      }
    for (const query of ['page=2', 'Limit=1', 'limit=1&limit=2'])
      expect([query, (await alice.get(`/api/conversations/1/messages?${query}`)).status]).toEqual([
        query,
        422,
      ])
    for (const id of ['01', '1e0', '0x1', 'x'])
      expect([id, (await alice.get(`/api/tasks/${id}`)).body.detail]).toEqual([id, 'id must be an integer.'])
    expect((await alice.delete('/api/conversations/1?dry_run=true')).status).toBe(422)
    expect((await alice.get('/api/conversations/1')).status).toBe(200)
  })

  it('takes valid ones for what they mean', async () => {
    const alice = await start()
    for (const completed of [true, false, true]) await alice.post('/api/tasks', { title: 'x', completed })
    const ids = async (query: string) =>
      (await alice.get(`/api/tasks?${query}`)).body.data.map(({ id }: { id: number }) => id)
    expect(await ids('limit=2')).toEqual([3, 2])
    expect(await ids('limit=100&completed=true')).toEqual([3, 1])
    expect(await ids('completed=false&limit=1')).toEqual([2])
    const { body: page } = await alice.get('/api/tasks?limit=1')
    expect(await ids(`limit=1&cursor=${page.next_cursor}`)).toEqual([2])
    expect((await alice.get('/api/tasks/9007199254740993')).status).toBe(404)
  })

  it('refuses bodies that are not valid, ignores unknown fields, and reads none without a token', async () => {
    const alice = await start()
    for (const [body, status, detail] of [
      ['{"title":5}', 422, /^title must be a string /],
      ['{"title":"\u200b"}', 422, /^title must be a string /],
      ['{}', 422, /^title is required\.$/],
      ['[]', 422, /^The body must be an object\.$/],
      ['{', 400, /JSON/],
    ] as const) {
      const answer = await alice.post('/api/tasks', body)
      expect([body, answer.status, answer.body.detail]).toEqual([body, status, expect.stringMatching(detail)])
    }
    const { body: task } = await alice.post('/api/tasks', { title: 'x', id: 7, no_such_field: true })
    expect(task).toMatchObject({ id: 1, title: 'x' })
    expect(task).not.toHaveProperty('no_such_field')
    expect((await alice.patch('/api/tasks/1', { no_such_field: 1 })).body.detail).toStartWith(
      'The body must be an object with at least one of title, description',
    )
    for (const authorization of ['', 'Bearer x'])
      expect((await alice.post('/api/tasks', '{', { authorization })).status).toBe(401)
    expect((await alice.send('DELETE', '/api/tasks/1', '{', {})).status).toBe(204)
  })
})
