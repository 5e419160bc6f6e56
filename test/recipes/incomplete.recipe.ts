import { describe, expect, it } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../faults/support/time'
import { cleanUp } from '../support/cleanup'
import { dialects, freshDatabase } from '../support/databases'
import { secret } from '../support/tokens'
import { copyRepository } from './support/copy'

const migration = (step: string) => step.startsWith('bun run migration')
const schema = (step: string) => step.startsWith('+++ src/schemas/')

/** A copy to which the steps of a recipe are applied that a test names. */
const copyWith = (section: string, isTaken: (step: string) => boolean) => {
  const copy = copyRepository()
  cleanUp(copy.remove)
  copy.follow(section, isTaken)
  return copy
}

const quickTests = ['bun', 'test', '-t', '^migrations', 'test/database/migrations.test.ts']

const start = { DATABASE_URL: ':memory:', BETTER_AUTH_SECRET: secret, HOST: '127.0.0.1', PORT: '0' }

describe('a change that is incomplete', () => {
  it.each([
    ['a column', 'Add a column', 'lead to the models, so that none is missing'],
    ['a model', 'Add a resource', 'create each table of the models for sqlite'],
  ])('fails a test if it is %s without a migration', async (_, section, test) => {
    const copy = copyWith(section, (step) => !migration(step))
    const { code, output } = await copy.run(quickTests)
    expect(code).toBe(1)
    expect(output).toContain(`(fail) migrations > ${test}`)
  })

  it.each(['Task', 'NewTask', 'TaskChange', 'Message', 'NewMessage', 'Conversation'])(
    'ends the start if the schema %s has a field without a column',
    async (name) => {
      const copy = copyRepository()
      cleanUp(copy.remove)
      const file = `src/schemas/${name.replace(/New|Change/, '').toLowerCase()}.ts`
      copy.edit(file, (text) =>
        text.replace(new RegExp(`(const ${name} = [^{]*\\{)`), '$1 lost: Type.String(),'),
      )
      const { code, output } = await copy.run(['bun', 'src/index.ts'], start)
      expect([code, output]).toEqual([
        1,
        expect.stringContaining(`${name} has fields without a column: lost`),
      ])
    },
  )

  it('fails the type check if requests lack a column that has no default', async () => {
    const copy = copyWith('Add a column', (step) => !schema(step) && !migration(step))
    copy.edit('src/models/task.ts', (text) => text.replace(`.default('normal')`, ''))
    const { code, output } = await copy.run(['bun', 'tsc'])
    expect(code).not.toBe(0)
    expect(output).toContain('src/stores/tasks.ts')
  })

  it('fails the type check if requests have another type than their column', async () => {
    const copy = copyWith('Add a column', (step) => !migration(step))
    copy.edit('src/schemas/task.ts', (text) =>
      text.replace('priority: Type.Optional(priority)', 'priority: Type.Optional(Type.Integer())'),
    )
    const { code, output } = await copy.run(['bun', 'tsc'])
    expect(code).not.toBe(0)
    expect(output).toContain('src/stores/tasks.ts')
  })

  it.each([
    ['nothing has changed', (text: string) => text, 'The models have not changed since the last migration'],
    [
      'a column cannot be added to rows',
      (text: string) => text.replace('completed: ', 'priority: c.text().notNull(),\n      completed: '),
      'The new column tasks.priority must allow null or have a constant as its default',
    ],
  ])('fails the migration command, which writes nothing, if %s', async (_, edit, message) => {
    const copy = copyRepository()
    cleanUp(copy.remove)
    copy.edit('src/models/task.ts', edit)
    const folder = join(copy.folder, 'src/database/migrations')
    const snapshot = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'utf8')])
    const before = snapshot()
    const { code, output } = await copy.run(['bun', 'run', 'migration', 'x'])
    expect([code, output]).toEqual([1, expect.stringContaining(message)])
    expect(snapshot()).toEqual(before)
  })
})

describe.each(dialects)('a table that no migration creates, on %s', (dialect) => {
  it('costs its own requests a logged 500, and does not affect others', async () => {
    const copy = copyWith('Add a resource', (step) => !migration(step))
    const service = await copy.serve(await freshDatabase(dialect))
    const alice = await service.as('alice')
    for (let round = 0; round < 3; round++) {
      const answers = [await alice.get('/api/labels'), await alice.post('/api/labels', { title: 'x' })]
      expect(answers.map(({ status }) => status)).toEqual([500, 500])
      expect((await alice.post('/api/tasks', { title: 'x' })).status).toBe(201)
      expect((await service.client.get('/health')).status).toBe(200)
    }
    const unexpectedOutput = () => service.output().match(/^.* (?:error|warn) .*$/gm) ?? []
    await until('all of them are logged', () => unexpectedOutput().length === 6)
    for (const line of unexpectedOutput())
      expect(line).toMatch(/ error unexpected error .*path=\/api\/labels status=500 .*labels/)
    expect(service.output()).not.toContain('disconnected')
  })
})
