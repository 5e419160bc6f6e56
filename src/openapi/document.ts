import { toOpenAPISchema } from '@elysiajs/openapi'
import type { AnyElysia } from 'elysia'
import { version } from '../../package.json'
import { describeResponses } from './describe-responses'
import { tagDescription } from './tag'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined }

const info = {
  title: 'todo-backend',
  version,
  summary: 'Tasks, conversations and messages, each user’s own.',
  description:
    'Every route under `/api` requires a JWT of Better Auth and sees the rows of its user alone. Assistants use the same tasks through the Model Context Protocol at `/mcp`, which the README describes.',
}

/** The description of the API (OpenAPI 3.1), from the schemas that validate requests and type responses. */
export const createDocument = (app: AnyElysia): Json => {
  const { paths } = toOpenAPISchema(app)
  const tags = new Map<string, string>()
  const hasItems = (path: string) =>
    app.routes.some((route) => route.method === 'GET' && route.path === `${path}/:id`)
  for (const { method, path, hooks } of app.routes) {
    const operation = paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase() as 'post']
    if (!operation) continue
    const { tags: [name] = [], [tagDescription]: description } = hooks.detail
    if (name && description) tags.set(name, description)
    Reflect.deleteProperty(operation, tagDescription)
    // The bodies are read by a parser of our own, and the plugin does not know what it accepts.
    if (hooks.body)
      operation.requestBody = { required: true, content: { 'application/json': { schema: hooks.body } } }
    if (hooks.response)
      operation.responses = describeResponses({ schemas: hooks.response, hasLocation: hasItems(path) })
  }
  const schemas: Record<string, Json> = {}
  const named = nameSchemas(JSON.parse(JSON.stringify(paths)), schemas)
  return {
    openapi: '3.1.0',
    info,
    // Relative to the address of the description, and so behind a proxy that strips a prefix, too.
    servers: [{ url: '.' }],
    tags: [...tags].map(([name, description]) => ({ name, description })),
    paths: named,
    components: {
      schemas,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

/** Moves every schema that has an $id to the components, leaving a reference behind. */
const nameSchemas = (node: Json, schemas: Record<string, Json>): Json => {
  if (Array.isArray(node)) return node.map((item) => nameSchemas(item, schemas))
  if (node === null || typeof node !== 'object') return node
  const { $id, ...rest } = node
  const mapped = Object.fromEntries(
    Object.entries(rest)
      // True is what JSON Schema assumes, and readers take it for a field to fill in; noValidate is
      // for Elysia alone.
      .filter(([key, value]) => key !== 'noValidate' && (key !== 'additionalProperties' || value !== true))
      .map(([key, value]) => [key, nameSchemas(value as Json, schemas)]),
  )
  if (typeof $id !== 'string') return mapped
  schemas[$id] = mapped
  return { $ref: `#/components/schemas/${$id}` }
}
