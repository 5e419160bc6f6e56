import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { callRaw } from '../mcp/support/raw'
import { dialects, freshDatabase } from '../support/databases'
import { copyRepository } from './support/copy'

/** Columns of other types than the one that src/README.md adds, all of which may be null. */
const columns = {
  due_at: {
    column: 'c.timestamp()',
    schema: `Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { error: 'must be a time or null' })`,
  },
  starred: {
    column: 'c.boolean()',
    schema: `Type.Union([Type.Boolean(), Type.Null()], { error: 'must be true, false or null' })`,
  },
  effort: {
    column: 'c.integer()',
    schema: `Type.Union([Type.Integer({ minimum: 0, maximum: 99 }), Type.Null()], { error: 'must be from 0 to 99' })`,
  },
  mood: {
    column: `c.text({ enum: ['calm', 'excited'] })`,
    schema: `Type.Union([Type.Literal('calm'), Type.Literal('excited'), Type.Null()])`,
  },
}

describe.each(dialects)('columns of other types, on %s', (dialect) => {
  let copy: ReturnType<typeof copyRepository>
  beforeAll(async () => {
    copy = copyRepository()
    const listed = (map: (name: string, each: { column: string; schema: string }) => string) =>
      Object.entries(columns).map(([name, each]) => map(name, each))
    copy.edit('src/models/dialects/postgres.ts', (text) =>
      text.replace('  text: pg.text,', '  text: pg.text,\n  integer: pg.integer,'),
    )
    copy.edit('src/models/dialects/sqlite.ts', (text) =>
      text.replace('  text: lite.text,', '  text: lite.text,\n  integer: lite.integer,'),
    )
    copy.edit('src/models/task.ts', (text) =>
      text
        .replace(
          '      created_at:',
          `${listed((name, { column }) => `      ${name}: ${column},\n`).join('')}      created_at:`,
        )
        .replace(
          '  completed: boolean(',
          `${listed((name, { schema }) => `  ${name}: ${schema},\n`).join('')}  completed: boolean(`,
        ),
    )
    expect(await copy.run(['bun', 'run', 'migration', 'add_columns'])).toMatchObject({ code: 0 })
  })
  afterAll(() => copy.remove())

  it('pass the type check', async () => {
    expect(await copy.run(['bun', 'tsc'])).toMatchObject({ code: 0 })
  })

  it('are written, read, set to null and refused with a clear message, in the same way', async () => {
    const service = await copy.serve(await freshDatabase(dialect))
    const alice = await service.as('alice')
    const none = { due_at: null, starred: null, effort: null, mood: null }
    const { body: plain } = await alice.post('/api/tasks', { title: 'plain' })
    expect(plain).toMatchObject(none)
    const given = { due_at: '2026-02-14T09:30:00.123456+02:00', starred: true, effort: 3, mood: 'calm' }
    const added = await alice.post('/api/tasks', { title: 'x', ...given })
    expect([added.status, added.body]).toMatchObject([201, { ...given, due_at: '2026-02-14T07:30:00.123Z' }])
    const path = `/api/tasks/${added.body.id}`
    expect((await alice.get(path)).body).toEqual(added.body)
    expect((await alice.patch(path, none)).body).toMatchObject(none)

    const wrong = { due_at: 'tomorrow', starred: 'yes', effort: 100, mood: 'sad' }
    const { status, body } = await alice.patch(path, wrong)
    expect([status, body.errors]).toEqual([
      422,
      [
        { in: 'body', path: '/due_at', message: 'must be a time or null' },
        { in: 'body', path: '/starred', message: 'must be true, false or null' },
        { in: 'body', path: '/effort', message: 'must be from 0 to 99' },
        // Without an error in its schema, TypeBox's own words.
        { in: 'body', path: '/mood', message: expect.stringMatching(/^is not valid: /) },
      ],
    ])
    for (const due_at of [
      '2026-02-29T09:30:00Z',
      '0000-01-01T00:00:00Z',
      '2026-01-01',
      '9999-12-31T23:59:59-01:00',
    ])
      expect([due_at, (await alice.patch(path, { due_at })).status]).toEqual([due_at, 422])
  })

  it('are shown to assistants', async () => {
    const service = await copy.serve(await freshDatabase(dialect))
    const alice = await service.as('alice')
    await alice.post('/api/tasks', { title: 'x', effort: 3 })
    const { body } = await callRaw(alice, 'list_tasks', {})
    expect(body.result.structuredContent.tasks).toMatchObject([{ title: 'x', effort: 3 }])
  })
})
