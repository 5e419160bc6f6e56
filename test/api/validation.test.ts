import { describe, expect, it } from 'bun:test'
import { dialects } from '../support/databases'
import { startService } from '../support/service'

const ofTitle = {
  in: 'body',
  path: '/title',
  message: 'must be a string of 1 to 500 characters, not only blanks, without U+0000 and lone surrogates',
}
const ofDescription = {
  in: 'body',
  path: '/description',
  message: 'must be null or a string of 0 to 10000 characters, without U+0000 and lone surrogates',
}
const ofCompleted = { in: 'body', path: '/completed', message: 'must be true or false' }
const missingTitle = { in: 'body', path: '/title', message: 'is required' }

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
    ['a letter among invisible characters', '\u200b\ufeffx\u2800\u3164'],
    ['a name of an object', '__proto__'],
  ])('gives back %s as it was sent', async (_, title) => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { body: made } = await alice.post('/api/tasks', { title })
    expect(made.title).toBe(title)
    expect((await alice.get(`/api/tasks/${made.id}`)).body.title).toBe(title)
  })

  it('refuses a title without a visible character, and no such description', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { body: made } = await alice.post('/api/tasks', { title: 'x' })
    for (const blank of [
      ' \t\u00a0\u3000',
      '\u200b',
      '\u2800',
      '\u3164',
      '\ufeff',
      '\u00ad',
      '\u115f\uffa0',
      '\u2060\u200d',
      '\u180e',
      '\u{e0001}\u{e0100}',
      '\ufe0f',
      '\u0007\u0085',
      ' \u200b\n\u2800',
    ]) {
      for (const answer of [
        await alice.post('/api/tasks', { title: blank }),
        await alice.patch(`/api/tasks/${made.id}`, { title: blank }),
      ])
        expect([blank, answer.status, answer.body.errors]).toEqual([blank, 422, [ofTitle]])
      const described = await alice.patch(`/api/tasks/${made.id}`, { description: blank })
      expect([blank, described.status, described.body.description]).toEqual([blank, 200, blank])
    }
  })

  it('names every problem of the body at once, the first in the detail', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const problems = async (sent: unknown) => {
      const { status, body } = await alice.post('/api/tasks', sent)
      expect(status).toBe(422)
      expect(body.detail).toBe(`${body.errors[0].path.slice(1)} ${body.errors[0].message}.`)
      return body.errors
    }
    const invalid = { description: 3, completed: 'yes' }
    expect(await problems(invalid)).toEqual([missingTitle, ofDescription, ofCompleted])
    expect(await problems({ title: null, completed: null })).toEqual([ofTitle, ofCompleted])
    expect(await problems({ title: ['x'], description: {} })).toEqual([ofTitle, ofDescription])
    expect(await problems({ title: '' })).toEqual([ofTitle])
    expect(await problems({ title: 'a\0b' })).toEqual([ofTitle])
    expect(await problems('{"title":"\\ud83e"}')).toEqual([ofTitle])
    expect(await problems({ title: 'x', description: '\0' })).toEqual([ofDescription])
  })

  it('names the problems of the first invalid part: path, then query, then body', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const invalid = { title: 5, completed: 'x' }
    const ofPath = await alice.patch('/api/tasks/abc?x=1', invalid)
    expect(ofPath).toMatchObject({
      status: 422,
      body: {
        detail: 'id must be an integer.',
        errors: [{ in: 'path', path: '/id', message: 'must be an integer' }],
      },
    })
    const ofQuery = await alice.patch('/api/tasks/1?x=1', invalid)
    expect(ofQuery.body.errors).toEqual([expect.objectContaining({ in: 'query', path: '/x' })])
    const ofBody = await alice.patch('/api/tasks/1', invalid)
    expect(ofBody.body.errors).toEqual([ofTitle, ofCompleted])
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
      expect([body, answer.status]).toEqual([body, 422])
      expect(answer.body).toMatchObject({
        detail: 'The body must be an object.',
        errors: [{ in: 'body', path: '', message: 'must be an object' }],
      })
    }
  })

  it('takes no field from a prototype', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const answer = await alice.post('/api/tasks', '{"__proto__":{"title":"x"},"constructor":{"title":"x"}}')
    expect([answer.status, answer.body.errors]).toEqual([422, [missingTitle]])
    const { body: made } = await alice.post('/api/tasks', '{"title":"y","__proto__":{"completed":true}}')
    expect(made).toMatchObject({ title: 'y', completed: false })
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
