import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { join } from 'node:path'
import { version } from '../../package.json'
import { temporaryFolder } from '../support/databases'
import { root, spawnProgram } from '../support/program'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

interface Operation {
  security: unknown[]
  tags: string[]
}

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

  it('describes every route with a described tag, and those under /api as protected', async () => {
    const service = await startService('SQLite')
    const { body } = await service.get('/openapi.json')
    expect(body).toMatchObject({ openapi: '3.1.0', info: { version } })
    const tags = new Set(body.tags.map(({ name }: { name: string }) => name))
    const operations = Object.entries<Record<string, Operation>>(body.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
    )
    for (const operation of operations) {
      const isProtected = operation.path.startsWith('/api/')
      expect(operation).toMatchObject({ security: isProtected ? [{ bearer: [] }] : [] })
      expect(operation.tags).not.toBeEmpty()
      expect(operation.tags.filter((tag) => !tags.has(tag))).toEqual([])
    }
    expect(operations.map(({ method, path }) => `${method} ${path}`)).toEqual(
      expect.arrayContaining([
        'delete /api/conversations/{id}',
        'delete /api/tasks/{id}',
        'get /api/conversations',
        'get /api/conversations/{id}',
        'get /api/conversations/{id}/messages',
        'get /api/me',
        'get /api/tasks',
        'get /api/tasks/{id}',
        'get /health',
        'get /health/live',
        'patch /api/tasks/{id}',
        'post /api/conversations',
        'post /api/conversations/{id}/messages',
        'post /api/tasks',
      ]),
    )
  })

  it('mentions the issuer of tokens in a 503 only if the route needs a token', async () => {
    const service = await startService('SQLite')
    const { paths } = (await service.get('/openapi.json')).body
    const unavailable = (path: string) => paths[path].get.responses[503].description
    expect(unavailable('/api/me')).toContain('issuer of tokens')
    expect(unavailable('/health')).toBe('The database is unavailable, or the service is stopping.')
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
    expect(formats.map(([name]) => name)).toEqual(expect.arrayContaining(['id', 'conversation_id']))
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
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining([
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
      ]),
    )
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
