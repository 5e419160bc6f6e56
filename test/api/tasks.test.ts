import { describe, expect, it } from 'bun:test'
import { dialects } from '../support/databases'
import { startService } from '../support/service'

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const nothingToChange = {
  in: 'body',
  path: '',
  message: expect.stringMatching(/^must be an object with at least one of title, description\b/),
}

describe.each(dialects)('tasks on %s', (dialect) => {
  it('are created with defaults and found at their Location', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const made = await alice.post('/api/tasks', { title: 'Buy milk' })
    expect(made.status).toBe(201)
    expect({ ...made.body }).toMatchObject({
      id: expect.any(Number),
      user_id: 'alice',
      title: 'Buy milk',
      description: null,
      completed: false,
      created_at: expect.stringMatching(time),
      updated_at: expect.stringMatching(time),
    })
    const location = made.headers.get('location') ?? ''
    expect(location).toBe(`tasks/${made.body.id}`)
    const found = await alice.get(new URL(location, 'http://localhost/api/tasks').pathname)
    expect(found).toMatchObject({ status: 200, body: made.body })
  })

  it('take their own fields from the body, and no others', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const made = await alice.post('/api/tasks', {
      title: ' Milk 🥛\n',
      description: '',
      completed: true,
      id: 999,
      user_id: 'bob',
      created_at: '2000-01-01T00:00:00.000Z',
      no_such_field: 'red',
    })
    expect(made.status).toBe(201)
    expect({ ...made.body }).toMatchObject({
      title: ' Milk 🥛\n',
      description: '',
      completed: true,
      user_id: 'alice',
    })
    expect(made.body.id).not.toBe(999)
    expect(made.body.created_at).not.toStartWith('2000')
    expect(made.body).not.toHaveProperty('no_such_field')
  })

  it('change in the given fields only, and get a new updated_at', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { body: made } = await alice.post('/api/tasks', { title: 'Milk', description: 'Two litres' })
    await Bun.sleep(2)
    const { status, body: changed } = await alice.patch(`/api/tasks/${made.id}`, { completed: true })
    expect(status).toBe(200)
    expect(changed).toEqual({ ...made, completed: true, updated_at: expect.stringMatching(time) })
    expect(changed.updated_at > made.updated_at).toBe(true)
    const { body: cleared } = await alice.patch(`/api/tasks/${made.id}`, {
      title: 'Bread',
      description: null,
    })
    expect(cleared).toMatchObject({ title: 'Bread', description: null, completed: true })
  })

  it('reject a change without fields', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { body: made } = await alice.post('/api/tasks', { title: 'Milk' })
    for (const change of [{}, { no_such_field: 'red' }, { id: 3 }]) {
      const { status, body } = await alice.patch(`/api/tasks/${made.id}`, change)
      expect(status).toBe(422)
      expect(body.errors).toEqual([nothingToChange])
    }
    for (const list of [[], [{ title: 'x' }]])
      expect((await alice.patch(`/api/tasks/${made.id}`, list)).body.errors).toEqual([nothingToChange])
  })

  it('do not exist once deleted, and their ids are not reused', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { body: made } = await alice.post('/api/tasks', { title: 'Milk' })
    const deleted = await alice.delete(`/api/tasks/${made.id}`)
    expect(deleted).toMatchObject({ status: 204, body: '' })
    expect((await alice.get(`/api/tasks/${made.id}`)).status).toBe(404)
    expect((await alice.delete(`/api/tasks/${made.id}`)).status).toBe(404)
    const { body: next } = await alice.post('/api/tasks', { title: 'Bread' })
    expect(next.id).toBeGreaterThan(made.id)
  })

  it("return 404 for another user's task", async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const mallory = await service.as('mallory')
    const { body: made } = await alice.post('/api/tasks', { title: 'Milk' })
    const path = `/api/tasks/${made.id}`
    const answers = [
      await mallory.get(path),
      await mallory.patch(path, { title: 'x' }),
      await mallory.delete(path),
    ]
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
    const { body: absent } = await mallory.get('/api/tasks/999999')
    expect(answers[0]?.body).toEqual(absent)
    expect((await mallory.get('/api/tasks')).body.data).toEqual([])
    expect((await alice.get(path)).body).toEqual(made)
  })

  it('are filtered by completed', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    for (const completed of [true, false, true])
      await alice.post('/api/tasks', { title: String(completed), completed })
    const titles = async (query: string) =>
      (await alice.get(`/api/tasks${query}`)).body.data.map(({ title }: { title: string }) => title)
    expect(await titles('')).toEqual(['true', 'false', 'true'])
    expect(await titles('?completed=true')).toEqual(['true', 'true'])
    expect(await titles('?completed=false')).toEqual(['false'])
  })
})
