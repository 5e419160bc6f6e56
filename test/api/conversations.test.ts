import { describe, expect, it } from 'bun:test'
import { dialects } from '../support/databases'
import { startService } from '../support/service'

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe.each(dialects)('conversations on %s', (dialect) => {
  it('are created, found, listed newest first and deleted', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const first = await alice.post('/api/conversations')
    expect(first.status).toBe(201)
    expect(first.headers.get('location')).toBe(`conversations/${first.body.id}`)
    expect({ ...first.body }).toMatchObject({
      id: expect.any(Number),
      user_id: 'alice',
      created_at: expect.stringMatching(time),
      updated_at: expect.stringMatching(time),
    })
    const second = await alice.post('/api/conversations')
    expect((await alice.get('/api/conversations')).body).toEqual({
      data: [second.body, first.body],
      next_cursor: null,
    })
    const path = `/api/conversations/${first.body.id}`
    expect(await alice.get(path)).toMatchObject({ status: 200, body: first.body })
    expect((await alice.delete(path)).status).toBe(204)
    expect((await alice.get(path)).status).toBe(404)
    expect((await alice.delete(path)).status).toBe(404)
  })

  it('keep messages in order, and get a new updated_at with each', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { body: conversation } = await alice.post('/api/conversations')
    const path = `/api/conversations/${conversation.id}`
    expect((await alice.get(`${path}/messages`)).body).toEqual({
      data: [],
      next_cursor: null,
      last_cursor: expect.any(String),
    })
    const question = await alice.post(`${path}/messages`, { role: 'user', content: ' ' })
    const answer = await alice.post(`${path}/messages`, { role: 'assistant', content: 'Hello' })
    expect(question.status).toBe(201)
    expect({ ...question.body }).toMatchObject({
      id: expect.any(Number),
      user_id: 'alice',
      conversation_id: conversation.id,
      role: 'user',
      content: ' ',
      created_at: expect.stringMatching(time),
    })
    const { body: page } = await alice.get(`${path}/messages`)
    expect(page).toMatchObject({ data: [question.body, answer.body], next_cursor: null })
    const { body: renewed } = await alice.get(path)
    expect(renewed.created_at).toBe(conversation.created_at)
    expect(renewed.updated_at >= answer.body.created_at.slice(0, 19)).toBe(true)
    expect(renewed.updated_at > conversation.updated_at).toBe(true)
  })

  it('are deleted with their messages', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { body: conversation } = await alice.post('/api/conversations')
    const path = `/api/conversations/${conversation.id}`
    await alice.post(`${path}/messages`, { role: 'user', content: 'Hello' })
    await alice.delete(path)
    expect((await alice.get(`${path}/messages`)).status).toBe(404)
    expect((await alice.post(`${path}/messages`, { role: 'user', content: 'Hello?' })).status).toBe(404)
  })

  it('do not exist for another user', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const mallory = await service.as('mallory')
    const { body: conversation } = await alice.post('/api/conversations')
    const path = `/api/conversations/${conversation.id}`
    await alice.post(`${path}/messages`, { role: 'user', content: 'Hello' })
    const { body: before } = await alice.get(path)
    const answers = [
      await mallory.get(path),
      await mallory.delete(path),
      await mallory.get(`${path}/messages`),
      await mallory.post(`${path}/messages`, { role: 'assistant', content: 'Pwned' }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    expect((await mallory.get('/api/conversations')).body.data).toEqual([])
    expect((await alice.get(path)).body).toEqual(before)
    expect((await alice.get(`${path}/messages`)).body.data).toHaveLength(1)
  })

  it('reject a message without a valid role and content', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { body: conversation } = await alice.post('/api/conversations')
    const path = `/api/conversations/${conversation.id}/messages`
    const errors = async (body: unknown) => {
      const answer = await alice.post(path, body)
      expect(answer.status).toBe(422)
      return answer.body.errors
    }
    expect(await errors({ role: 'system', content: '' })).toEqual([
      { in: 'body', path: '/role', message: 'must be one of user, assistant' },
      { in: 'body', path: '/content', message: expect.stringContaining('of 1 to 100000 characters') },
    ])
    expect(await errors({})).toEqual([
      { in: 'body', path: '/role', message: 'is required' },
      { in: 'body', path: '/content', message: 'is required' },
    ])
    expect(await errors({ role: 'user', content: 'x'.repeat(100_001) })).toEqual([
      { in: 'body', path: '/content', message: expect.stringContaining('of 1 to 100000 characters') },
    ])
    expect((await alice.post(path, { role: 'user', content: '🥛'.repeat(100_000) })).status).toBe(201)
  })
})
