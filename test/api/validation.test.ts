import { describe, expect, it } from 'bun:test'
import { dialects } from '../support/databases'
import { startService } from '../support/service'

describe.each(dialects)('validation on %s', (dialect) => {
  it('counts characters, not UTF-16 units', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const title = async (text: unknown) => (await alice.post('/api/tasks', { title: text })).status
    expect(await title('x'.repeat(500))).toBe(201)
    expect(await title('x'.repeat(501))).toBe(422)
    expect(await title('🥛'.repeat(500))).toBe(201)
    expect(await title('🥛'.repeat(501))).toBe(422)
    const description = async (text: unknown) =>
      (await alice.post('/api/tasks', { title: 'x', description: text })).status
    expect(await description('🥛'.repeat(10_000))).toBe(201)
    expect(await description('x'.repeat(10_001))).toBe(422)
  })

  it.each([
    ['a string with a quote', `Robert'); DROP TABLE tasks;--`],
    ['right-to-left and combining marks', 'עברית é Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢'],
    ['control characters but U+0000', '\u0001\u0008\u001b\u007f\u0085x'],
    ['backslashes, percents and dollars', '\\0 %s $1 {{x}}'],
    ['markup', '<script>alert(1)</script>'],
    ['non-characters', '\uffff\ufdd0\u{10ffff}x'],
    ['line ends of all kinds', 'a\r\nb\rc\u2028d'],
  ])('gives back %s as it was sent', async (_, title) => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { body: made } = await alice.post('/api/tasks', { title })
    expect(made.title).toBe(title)
    expect((await alice.get(`/api/tasks/${made.id}`)).body.title).toBe(title)
  })

  it('names every problem at once', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const errors = async (body: unknown) => (await alice.post('/api/tasks', body)).body.errors
    expect(await errors({ description: 3, completed: 'yes' })).toEqual([
      { in: 'body', path: '/title', message: 'is required' },
      { in: 'body', path: '/description', message: 'must be a string' },
      { in: 'body', path: '/completed', message: 'must be a boolean' },
    ])
    expect(await errors({ title: ' \t\u00a0\u3000' })).toEqual([
      { in: 'body', path: '/title', message: 'must not be only white space' },
    ])
    expect(await errors({ title: 'a\0b' })).toEqual([
      { in: 'body', path: '/title', message: 'must not contain U+0000' },
    ])
    expect(await errors('{"title":"\\ud83e"}')).toEqual([
      { in: 'body', path: '/title', message: 'must be well-formed Unicode' },
    ])
    expect(await errors({ title: null, completed: null })).toEqual([
      { in: 'body', path: '/title', message: 'must be a string' },
      { in: 'body', path: '/completed', message: 'must be a boolean' },
    ])
  })

  it('names the problems of path, query and body together', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { status, body } = await alice.patch('/api/tasks/abc', { title: 5, completed: 'x' })
    expect(status).toBe(422)
    expect(body.errors).toEqual([
      { in: 'path', path: '/id', message: 'must be an integer' },
      { in: 'body', path: '/title', message: 'must be a string' },
      { in: 'body', path: '/completed', message: 'must be a boolean' },
    ])
    const messages = await alice.get('/api/conversations/abc/messages?limit=0')
    expect(messages.body.errors.map(({ path }: { path: string }) => path)).toEqual(['/id', '/limit'])
  })

  it('rejects JSON nested to any depth', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const nested = '['.repeat(50_000) + ']'.repeat(50_000)
    expect((await alice.post('/api/tasks', nested)).status).toBe(422)
    expect((await alice.post('/api/tasks', `{"title":${nested}}`)).status).toBe(422)
  })

  it('rejects JSON that is not an object', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    for (const body of ['null', '[]', '"x"', '3', 'true', '[{"title":"x"}]']) {
      const answer = await alice.post('/api/tasks', body)
      expect(answer.status).toBe(422)
      expect(answer.body.errors).toContainEqual({ in: 'body', path: '', message: 'must be an object' })
    }
  })

  it('distinguishes invalid ids from ids without a row', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const status = async (id: string) => (await alice.get(`/api/tasks/${id}`)).status
    for (const id of ['abc', '1.5', '1e3', '0x1', '01', '%201', '1%20', "1'", '%00', 'NaN', '١', '--1', '+1'])
      expect([id, await status(id)]).toEqual([id, 422])
    for (const id of ['0', '-1', '2147483648', '9007199254740993', '9223372036854775808', '9'.repeat(400)])
      expect([id, await status(id)]).toEqual([id, 404])
  })
})
