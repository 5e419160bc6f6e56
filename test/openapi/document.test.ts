import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { join } from 'node:path'
import { version } from '../../package.json'
import { temporaryFolder } from '../support/databases'
import { root, spawnProgram } from '../support/program'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

interface Media {
  schema?: object
  example?: { title: string; detail: string; errors?: unknown[] }
}

interface Operation {
  security: unknown[]
  tags: string[]
  parameters?: { name: string; description?: string }[]
  responses: Record<string, { content?: Record<string, Media> }>
}

const operationsOf = (paths: Record<string, Record<string, Operation>>) =>
  Object.values(paths).flatMap((methods) => Object.values(methods))

const titles: Record<string, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
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

  it('has an example of its own for every error', async () => {
    const service = await startService('SQLite')
    const { paths } = (await service.get('/openapi.json')).body
    let count = 0
    for (const operation of operationsOf(paths))
      for (const [status, { content = {} }] of Object.entries(operation.responses)) {
        const { schema, example } = content['application/problem+json'] ?? {}
        if (!schema) continue
        count++
        expect(example).toMatchObject({ status: Number(status), type: 'about:blank' })
        expect(example?.title).toBe(titles[status] ?? '')
        expect(example?.detail).toMatch(/\w\.$/)
        expect(Array.isArray(example?.errors)).toBe(status === '422')
      }
    expect(count).toBeGreaterThan(50)
  })

  it('describes every parameter where tools look for it, and says where a token comes from', async () => {
    const service = await startService('SQLite')
    const { paths, components } = (await service.get('/openapi.json')).body
    const parameters = operationsOf(paths).flatMap(({ parameters = [] }) => parameters)
    expect(new Set(parameters.map(({ name }) => name))).toEqual(
      new Set(['limit', 'cursor', 'completed', 'id']),
    )
    for (const { description } of parameters) expect(description).toMatch(/\w\.$/)
    expect(components.securitySchemes.bearer.description).toContain('bun run token')
  })

  it('says nothing that only this service understands', async () => {
    const service = await startService('SQLite')
    const alice = await service.as('alice')
    // What Elysia adds to schemas when it first validates by them is not described either.
    for (const body of [{}, { title: 'x' }]) await alice.post('/api/tasks', body)
    const { body } = await service.get('/openapi.json')
    for (const word of ['"error":', 'noValidate', 'additionalProperties', 'x-tag', '$id'])
      expect(JSON.stringify(body)).not.toContain(word)
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
