import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { connectTo, dialects, freshDatabase } from '../support/databases'
import { startService } from '../support/service'
import { copyRepository } from './support/copy'

describe.each(dialects)('a column that is added as src/README.md says, on %s', (dialect) => {
  let copy: ReturnType<typeof copyRepository>
  beforeAll(() => {
    copy = copyRepository()
    copy.follow('Add a column')
  })
  afterAll(() => copy.remove())

  it('is written, changed, read, listed and described, and has its default', async () => {
    const service = await copy.serve(await freshDatabase(dialect))
    const alice = await service.as('alice')
    const added = await alice.post('/api/tasks', { title: 'x', priority: 'high' })
    expect([added.status, added.body.priority]).toEqual([201, 'high'])
    const path = `/api/tasks/${added.body.id}`
    expect((await alice.get(path)).body).toEqual(added.body)
    const changed = await alice.patch(path, { priority: 'low' })
    expect([changed.status, changed.body.priority, changed.body.title]).toEqual([200, 'low', 'x'])
    const { body: other } = await alice.post('/api/tasks', { title: 'y' })
    expect(other.priority).toBe('normal')
    const { body: page } = await alice.get('/api/tasks')
    expect(page.data).toEqual([other, changed.body])

    const invalid = await alice.post('/api/tasks', { title: 'z', priority: 'none' })
    expect([invalid.status, invalid.body.errors]).toEqual([
      422,
      [{ in: 'body', path: '/priority', message: 'must be one of low, normal, high' }],
    ])
    const unchanged = await alice.patch(path, {})
    expect(unchanged.body.errors).toEqual([
      {
        in: 'body',
        path: '',
        message: 'must be an object with at least one of title, description, completed, priority',
      },
    ])
    const { schemas } = service.description.components
    for (const name of ['Task', 'NewTask', 'TaskChange'])
      expect([name, schemas[name].properties]).toMatchObject([
        name,
        { priority: { enum: ['low', 'normal', 'high'] } },
      ])
    expect(schemas.Task.required).toContain('priority')
    expect(schemas.NewTask.required).toEqual(['title'])
  })

  it('comes to a database with rows, under which the previous version goes on working', async () => {
    const url = await freshDatabase(dialect)
    const previous = await startService(dialect, { DATABASE_URL: url })
    const alice = await previous.as('alice')
    const { body: old } = await alice.post('/api/tasks', { title: 'Old' })
    const service = await copy.serve(url)
    const { body: meanwhile } = await alice.post('/api/tasks', { title: 'Meanwhile' })
    expect((await alice.get('/api/tasks')).body.data).toEqual([meanwhile, old])
    expect((await (await service.as('alice')).get('/api/tasks')).body.data).toEqual([
      { ...meanwhile, priority: 'normal' },
      { ...old, priority: 'normal' },
    ])
  })
})

const stored = async (url: string) => {
  const query = 'SELECT priority FROM tasks'
  if (!url.startsWith('sqlite:')) return [...(await connectTo(url).unsafe(query))]
  return new Database(url.replace('sqlite:', '')).query<Record<string, unknown>, []>(query).all()
}

describe.each(dialects)('a column that no response schema names, on %s', (dialect) => {
  it('is written by requests, but does not leave the service', async () => {
    const copy = copyRepository()
    try {
      copy.follow('Add a column')
      copy.edit('src/models/task.ts', (text) =>
        text
          .replace('...fields, created_at', '...shown, created_at')
          .replace('export const Task =', 'const { priority, ...shown } = fields\n\nexport const Task ='),
      )
      const url = await freshDatabase(dialect)
      const service = await copy.serve(url)
      const alice = await service.as('alice')
      const { body: added } = await alice.post('/api/tasks', { title: 'x', priority: 'high' })
      const path = `/api/tasks/${added.id}`
      const { body: changed } = await alice.patch(path, { title: 'y', priority: 'low' })
      const { body: found } = await alice.get(path)
      const { body: page } = await alice.get('/api/tasks')
      for (const task of [added, changed, found, page.data[0]]) {
        expect(task).toHaveProperty('title')
        expect(task).not.toHaveProperty('priority')
      }
      expect(await stored(url)).toEqual([{ priority: 'low' }])
    } finally {
      copy.remove()
    }
  })
})
