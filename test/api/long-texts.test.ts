import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { dialects } from '../support/databases'
import { startService } from '../support/service'
import { tokenOf } from '../support/tokens'

setDefaultTimeout(30_000)

/** As Python's json.dumps writes it: every character outside ASCII as an escape. */
const escaped = (value: unknown) =>
  JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

const inChunks = (text: string) =>
  new ReadableStream({
    start(stream) {
      for (let at = 0; at < text.length; at += 65_536) stream.enqueue(text.slice(at, at + 65_536))
      stream.close()
    },
  })

const withConversation = async (dialect: (typeof dialects)[number]) => {
  const service = await startService(dialect)
  const alice = await service.as('alice')
  const { body: conversation } = await alice.post('/api/conversations')
  return { service, alice, path: `/api/conversations/${conversation.id}/messages` }
}

describe.each(dialects)('the longest texts on %s', (dialect) => {
  it.each([
    ['emoji', '😀', 90_000],
    ['emoji', '😀', 100_000],
    ['control characters', '\u0001', 100_000],
    ['letters', 'é', 100_000],
  ])('are accepted as escapes: a message of %s (%s) %d times', async (_, character, count) => {
    const { alice, path } = await withConversation(dialect)
    const content = character.repeat(count)
    const { status, body } = await alice.post(path, escaped({ role: 'user', content }))
    expect(status).toBe(201)
    expect(body.content === content).toBe(true)
  })

  it('are accepted in a body of unknown length', async () => {
    const { service, path } = await withConversation(dialect)
    const answer = await fetch(service.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${await tokenOf('alice')}`, 'content-type': 'application/json' },
      body: inChunks(escaped({ role: 'user', content: '😀'.repeat(100_000) })),
    })
    expect(answer.status).toBe(201)
  })

  it('are accepted as title and description of a task, however they are spelled', async () => {
    const { alice } = await withConversation(dialect)
    const task = { title: '😀'.repeat(500), description: '😀'.repeat(10_000) }
    for (const body of [escaped(task), JSON.stringify(task)]) {
      const made = await alice.post('/api/tasks', body)
      expect(made.status).toBe(201)
      const changed = await alice.patch(`/api/tasks/${made.body.id}`, body)
      expect([changed.status, changed.body.description === task.description]).toEqual([200, true])
    }
  })

  it('are the longest: one more character is invalid, and a body of twice the size is too large', async () => {
    const { alice, path } = await withConversation(dialect)
    const { status, body } = await alice.post(path, escaped({ role: 'user', content: '😀'.repeat(100_001) }))
    expect(status).toBe(422)
    expect(body.errors).toEqual([
      { in: 'body', path: '/content', message: expect.stringContaining('of 1 to 100000 characters') },
    ])
    const twice = escaped({ role: 'user', content: '😀'.repeat(200_000) })
    expect((await alice.post(path, twice)).status).toBe(413)
  })
})
