import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { join } from 'node:path'
import { version } from '../../package.json'
import { temporaryFolder } from '../support/databases'
import { root, spawnProgram } from '../support/program'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

describe('the API description', () => {
  it('passes the recommended rules of a linter', async () => {
    const service = await startService('SQLite')
    const file = join(temporaryFolder(), 'openapi.json')
    await Bun.write(file, JSON.stringify((await service.get('/openapi.json')).body))
    const lint = spawnProgram(
      { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      { command: ['bun', '--bun', 'redocly', 'lint', file], cwd: root },
    )
    expect([await lint.exited(), lint.output()]).toEqual([0, expect.stringContaining('is valid')])
  })

  it('describes every route, and only the protected ones as such', async () => {
    const service = await startService('SQLite')
    const { body } = await service.get('/openapi.json')
    expect(body).toMatchObject({ openapi: '3.1.0', info: { version } })
    const operations = Object.entries<Record<string, { security: unknown[] }>>(body.paths).flatMap(
      ([path, methods]) =>
        Object.entries(methods).map(
          ([method, { security }]) => `${method} ${path}${security.length > 0 ? ' protected' : ''}`,
        ),
    )
    expect(operations.toSorted()).toEqual([
      'delete /api/conversations/{id} protected',
      'delete /api/tasks/{id} protected',
      'get /api/conversations protected',
      'get /api/conversations/{id} protected',
      'get /api/conversations/{id}/messages protected',
      'get /api/me protected',
      'get /api/tasks protected',
      'get /api/tasks/{id} protected',
      'get /health',
      'get /health/live',
      'patch /api/tasks/{id} protected',
      'post /api/conversations protected',
      'post /api/conversations/{id}/messages protected',
      'post /api/tasks protected',
    ])
  })

  it('states that every id has 64 bits', async () => {
    const service = await startService('SQLite')
    const formats: [string, string | undefined][] = []
    const collect = (node: unknown) => {
      if (typeof node !== 'object' || node === null) return
      if ('in' in node && 'schema' in node && 'name' in node) collect({ [String(node.name)]: node.schema })
      for (const [name, value] of Object.entries(node)) {
        if (/^(id|.+_id)$/.test(name) && value.type === 'integer') formats.push([name, value.format])
        collect(value)
      }
    }
    collect((await service.get('/openapi.json')).body)
    expect(new Set(formats.map(([name]) => name))).toEqual(new Set(['id', 'conversation_id']))
    expect(new Set(formats.map(([, format]) => format))).toEqual(new Set(['int64']))
    const { paths } = (await service.get('/openapi.json')).body
    for (const [path, operations] of Object.entries<Record<string, { parameters?: object[] }>>(paths))
      if (path.includes('{id}'))
        for (const { parameters } of Object.values(operations))
          expect(parameters).toContainEqual(
            expect.objectContaining({ in: 'path', schema: expect.objectContaining({ format: 'int64' }) }),
          )
  })

  it('names its schemas, and says what their rules are', async () => {
    const service = await startService('SQLite')
    const { schemas } = (await service.get('/openapi.json')).body.components
    expect(Object.keys(schemas).toSorted()).toEqual([
      'Conversation',
      'ConversationPage',
      'FieldProblem',
      'Health',
      'Liveness',
      'Me',
      'Message',
      'MessagePage',
      'NewMessage',
      'NewTask',
      'Problem',
      'Task',
      'TaskChange',
      'TaskPage',
    ])
    expect(schemas.NewTask).toMatchObject({
      required: ['title'],
      properties: {
        title: { type: 'string', minLength: 1, maxLength: 500, pattern: '\\S' },
        description: { type: ['string', 'null'], maxLength: 10_000 },
        completed: { type: 'boolean' },
      },
    })
    expect(schemas.TaskPage.properties.data.items).toEqual({ $ref: '#/components/schemas/Task' })
  })
})
