import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { dialects, freshDatabase } from '../support/databases'
import { type Copy, copyRepository } from './support/copy'

/** The tests that look at all columns, tables, routes and schemas, and those of the files that are changed. */
const guards = [
  'test/database/booleans.test.ts',
  'test/database/columns.test.ts',
  'test/database/compared.test.ts',
  'test/database/fastapi.test.ts',
  'test/database/filters.test.ts',
  'test/database/foreign-tables.test.ts',
  'test/database/ledger.test.ts',
  'test/database/migration-sql.test.ts',
  'test/database/migrations.test.ts',
  'test/database/ownership.test.ts',
  'test/database/schema.test.ts',
  'test/api/conversations.test.ts',
  'test/api/labels.test.ts',
  'test/api/pages.test.ts',
  'test/api/tasks.test.ts',
  'test/api/validation.test.ts',
  'test/client',
  'test/openapi',
  'test/recipes',
  'test/faults/wrong-owner.test.ts',
  'test/mcp',
]

let copy: Copy
beforeAll(() => {
  copy = copyRepository()
  copy.follow('Add a column')
  copy.follow('Add a resource')
})
afterAll(() => copy.remove())

describe('a copy with a column and a resource that are added as src/README.md says', () => {
  it('satisfies the formatter, the linter and the type checker', async () => {
    for (const command of [
      ['bun', 'biome', 'ci', '--error-on-warnings', '--colors=off'],
      ['bun', 'tsc'],
    ])
      expect(await copy.run(command)).toMatchObject({ code: 0 })
  })

  it('breaks no test', async () => {
    for (const guard of guards) expect([guard, existsSync(join(copy.folder, guard))]).toEqual([guard, true])
    const server = new URL(await freshDatabase('Postgres'))
    server.pathname = 'postgres'
    const tests = await copy.run(['bun', 'test', ...guards], { TEST_DATABASE_URL: server.href })
    expect(tests.output.match(/^\(fail\).*|^ *\d+ (?:fail|error).*/gm)).toEqual([' 0 fail'])
    expect(tests.code).toBe(0)
    expect(tests.output).toContain('labels on Postgres')
  })
})

describe.each(dialects)('the resource on %s', (dialect) => {
  it('is created, read, listed in pages, changed and deleted', async () => {
    const service = await copy.serve(await freshDatabase(dialect))
    const alice = await service.as('alice')
    const added = await alice.post('/api/labels', { title: 'Shopping', priority: 'high' })
    expect(added).toMatchObject({ status: 201 })
    const path = `/api/labels/${added.body.id}`
    expect(added.headers.get('location')).toBe(`labels/${added.body.id}`)
    expect(added.body).toMatchObject({ user_id: 'alice', title: 'Shopping', priority: 'high' })
    expect(await alice.get(path)).toMatchObject({ status: 200, body: added.body })
    const changed = await alice.patch(path, { title: 'Groceries' })
    expect([changed.status, changed.body.title]).toEqual([200, 'Groceries'])

    const { body: second } = await alice.post('/api/labels', { title: 'Work' })
    const { body: newest } = await alice.get('/api/labels?limit=1')
    expect(newest).toEqual({ data: [second], next_cursor: expect.any(String) })
    const { body: oldest } = await alice.get(`/api/labels?limit=1&cursor=${newest.next_cursor}`)
    expect(oldest).toEqual({ data: [changed.body], next_cursor: null })

    expect((await alice.delete(path)).status).toBe(204)
    const missing = await alice.get(path)
    expect([missing.status, missing.body.detail]).toEqual([404, 'This label does not exist.'])
    expect((await alice.post('/api/labels', { title: '' })).status).toBe(422)
    // Not the rows of the resource that it was copied from.
    expect((await alice.get('/api/tasks')).body.data).toEqual([])
    expect(service.description.components.schemas).toContainKeys([
      'Label',
      'LabelPage',
      'NewLabel',
      'LabelChange',
    ])
  })

  it('is visible to its user only', async () => {
    const service = await copy.serve(await freshDatabase(dialect))
    const [alice, mallory] = [await service.as('alice'), await service.as('mallory')]
    const { body: label } = await alice.post('/api/labels', { title: 'Shopping' })
    const path = `/api/labels/${label.id}`
    const answers = [
      await mallory.get(path),
      await mallory.patch(path, { title: 'x' }),
      await mallory.delete(path),
    ]
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
    expect((await mallory.get('/api/labels')).body.data).toEqual([])
    expect((await alice.get(path)).body).toEqual(label)
    expect((await service.client.get('/api/labels')).status).toBe(401)
  })
})
