import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020'
import addFormats from 'ajv-formats'
import { dialects } from '../support/databases'
import { startService } from '../support/service'
import { tokenOf } from '../support/tokens'
import { type Assistant, clients, type ToolResult } from './support/clients'

setDefaultTimeout(30_000)

const ajv = addFormats(new Ajv2020({ strict: true, allowUnionTypes: false }))
const compiled = new Map<string, ValidateFunction>()

/** Compiles a schema once for all clients: it takes longer than all that is checked with it. */
const compile = (schema: object) => {
  const text = JSON.stringify(schema)
  const validate = compiled.get(text) ?? ajv.compile(schema)
  compiled.set(text, validate)
  return validate
}

/** Calls tools and checks each result: against its schema, and that the text is the same JSON. */
const checking = async (assistant: Assistant) => {
  const validators = new Map(
    (await assistant.listTools()).map(({ name, outputSchema = {} }) => [name, compile(outputSchema)]),
  )
  return async (name: string, given: Record<string, unknown> = {}) => {
    const result = await assistant.call(name, given)
    if (result.isError) throw new Error(textOf(result))
    const validate = validators.get(name)
    if (!validate?.(result.structuredContent)) throw new Error(ajv.errorsText(validate?.errors))
    expect(JSON.parse(textOf(result))).toEqual(result.structuredContent)
    // biome-ignore lint/suspicious/noExplicitAny: a test asserts the shape of what it was sent
    return result.structuredContent as any
  }
}

const textOf = ({ content }: ToolResult) => content.map(({ text }) => text).join()

describe.each(dialects)('the tools on %s', (dialect) => {
  it.each(clients)('serve $client: the same rows as the API', async ({ version, connect }) => {
    const service = await startService(dialect)
    const assistant = await connect(service.url, await tokenOf('alice'))
    expect(assistant.version).toBe(version)
    expect(assistant.instructions).toMatch(/list_tasks.*never instructions.*[Dd]elete only/s)
    const call = await checking(assistant)
    const alice = await service.as('alice')
    const withoutNull = ({ description, ...task }: Record<string, unknown>) =>
      description === null ? task : { ...task, description }
    const stored = async (id: number) => withoutNull((await alice.get(`/api/tasks/${id}`)).body)

    const milk = await call('add_task', { title: 'Milk', description: 'Two litres' })
    expect(milk).toMatchObject({ title: 'Milk', description: 'Two litres', completed: false })
    expect(milk).toEqual(await stored(milk.id))
    const bread = await call('add_task', { title: 'Bread' })
    expect(bread).toEqual(await stored(bread.id))
    expect(await call('list_tasks')).toEqual({ tasks: [bread, milk], has_more: false })
    expect(await call('get_task', { task_id: milk.id })).toEqual(milk)

    const done = await call('complete_task', { task_id: milk.id })
    expect(done).toMatchObject({ id: milk.id, title: 'Milk', description: 'Two litres', completed: true })
    expect(done).toEqual(await stored(milk.id))
    expect((await call('list_tasks', { status: 'pending' })).tasks).toEqual([bread])
    expect((await call('list_tasks', { status: 'completed' })).tasks).toEqual([done])
    expect((await call('list_tasks', { status: 'all' })).tasks).toEqual([bread, done])
    const again = await call('complete_task', { task_id: milk.id, completed: false })
    expect(again).toMatchObject({ completed: false })

    const changed = await call('update_task', { task_id: milk.id, title: 'Oat milk' })
    expect(changed).toMatchObject({ title: 'Oat milk', description: 'Two litres', completed: false })
    expect(await call('update_task', { task_id: milk.id, description: 'One' })).toMatchObject({
      title: 'Oat milk',
      description: 'One',
    })

    const first = await call('list_tasks', { limit: 1 })
    expect(first).toEqual({ tasks: [bread], has_more: true, next_cursor: expect.any(String) })
    const second = await call('list_tasks', { limit: 1, cursor: first.next_cursor })
    expect(second).toEqual({ tasks: [await stored(milk.id)], has_more: false })

    expect(await call('delete_task', { task_id: bread.id })).toEqual({
      task_id: bread.id,
      title: 'Bread',
      deleted: true,
    })
    expect((await alice.get(`/api/tasks/${bread.id}`)).status).toBe(404)
    expect((await alice.get('/api/tasks')).body.data).toHaveLength(1)
  })

  it('show no client anything of another user', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { body: task } = await alice.post('/api/tasks', { title: 'of alice' })
    const calls: [string, object][] = [
      ['get_task', {}],
      ['complete_task', {}],
      ['update_task', { title: 'of bob', user_id: 'alice' }],
      ['delete_task', {}],
    ]
    for (const [index, { client, connect }] of clients.entries()) {
      const user = `bob-${index}`
      const bob = await connect(service.url, await tokenOf(user))
      expect((await bob.call('list_tasks')).structuredContent).toEqual({ tasks: [], has_more: false })
      for (const [name, given] of calls) {
        const results = [task.id, task.id + 1000, Number.MAX_SAFE_INTEGER, 2 ** 63].map((task_id) =>
          bob.call(name, { ...given, task_id }),
        )
        for (const result of await Promise.all(results)) {
          const text = 'This task does not exist. Call list_tasks to see the tasks that exist.'
          const found = { client, name, isError: result.isError, text: textOf(result) }
          expect(found).toEqual({ client, name, isError: true, text })
        }
      }
      const added = await bob.call('add_task', { title: 'of bob', user_id: 'alice', id: task.id })
      expect(added.structuredContent).toMatchObject({ user_id: user, title: 'of bob' })
    }
    expect((await alice.get('/api/tasks')).body.data).toEqual([task])
  })
})

it('the tools are declared as assistants need them', async () => {
  const service = await startService('SQLite')
  const [{ connect }] = clients as [(typeof clients)[0]]
  const tools = await (await connect(service.url, await tokenOf('alice'))).listTools()
  const natureOf = (readOnlyHint: boolean, destructiveHint: boolean, idempotentHint: boolean) => ({
    readOnlyHint,
    destructiveHint,
    idempotentHint,
    openWorldHint: false,
  })
  const declared = Object.fromEntries(
    tools.map(({ name, inputSchema, annotations }) => [
      name,
      { given: Object.keys(inputSchema.properties ?? {}), required: inputSchema.required, annotations },
    ]),
  )
  expect(declared).toMatchObject({
    list_tasks: {
      given: ['status', 'limit', 'cursor'],
      required: [],
      annotations: natureOf(true, false, true),
    },
    get_task: { given: ['task_id'], required: ['task_id'], annotations: natureOf(true, false, true) },
    add_task: {
      given: ['title', 'description'],
      required: ['title'],
      annotations: natureOf(false, false, false),
    },
    complete_task: {
      given: ['task_id', 'completed'],
      required: ['task_id'],
      annotations: natureOf(false, false, true),
    },
    update_task: {
      given: ['task_id', 'title', 'description'],
      required: ['task_id'],
      annotations: natureOf(false, true, true),
    },
    delete_task: { given: ['task_id'], required: ['task_id'], annotations: natureOf(false, true, true) },
  })
  expect(tools).toHaveLength(6)
  for (const { title, description, inputSchema, outputSchema, annotations } of tools) {
    expect(title).toBeString()
    expect(annotations?.title).toBe(title)
    expect(description?.length).toBeGreaterThan(60)
    expect(outputSchema?.type).toBe('object')
    const schemas = JSON.stringify([inputSchema, outputSchema])
    expect(schemas).not.toMatch(/\$ref|anyOf|oneOf|null/)
    expect(JSON.stringify(inputSchema)).not.toContain('user_id')
    for (const property of Object.values(inputSchema.properties ?? {}))
      expect(property).toMatchObject({ type: expect.any(String), description: expect.any(String) })
  }
  const adding = tools.find(({ name }) => name === 'add_task')?.inputSchema
  const properties = adding?.properties as Record<string, unknown>
  const { components } = (await service.get('/openapi.json')).body
  for (const name of ['title', 'description'])
    expect(properties[name]).toMatchObject({
      type: 'string',
      maxLength: components.schemas.NewTask.properties[name].maxLength,
    })
})
