import { toOpenAPISchema } from '@elysiajs/openapi'
import type { AnyElysia } from 'elysia'
import { name, version } from '../../package.json'
import { describeResponses } from './responses'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined }

const description =
  'Tasks, conversations and messages, each user’s own. Every route under `/api` requires a JWT issued by Better Auth, and accesses only the rows of its user. Assistants use the same tasks through the Model Context Protocol at `/mcp`; see the README.'

const bearer = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description:
    'The JWT that Better Auth issues to a signed-in user. In development, `bun run token alice` prints one for the user alice.',
}

/** The description of the API (OpenAPI 3.1), from the schemas that validate requests and type responses. */
export const createDocument = (app: AnyElysia): Json => {
  const { paths } = toOpenAPISchema(app)
  const tags = new Set<string>()
  const hasItems = (path: string) =>
    app.routes.some((route) => route.method === 'GET' && route.path === `${path}/:id`)
  for (const { method, path, hooks } of app.routes) {
    const operation = paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase() as 'post']
    if (!operation) continue
    for (const tag of operation.tags ?? []) tags.add(tag)
    operation.security = path.startsWith('/api/') ? [{ bearer: [] }] : []
    // Tools look for the description beside the schema, where the plugin leaves it.
    for (const parameter of operation.parameters ?? [])
      if ('schema' in parameter && parameter.schema && 'description' in parameter.schema)
        parameter.description = parameter.schema.description
    // Bodies are read by http/body.ts, and the plugin does not know which media type that accepts.
    if (hooks.body)
      operation.requestBody = { required: true, content: { 'application/json': { schema: hooks.body } } }
    if (hooks.response) operation.responses = describeResponses(hooks.response, hasItems(path))
  }
  const schemas: Record<string, Json> = {}
  const named = nameSchemas(JSON.parse(JSON.stringify(paths)), schemas)
  return {
    openapi: '3.1.0',
    info: { title: name, version, description },
    // Relative to the URL of the description, so that it also works behind a proxy that strips a prefix.
    servers: [{ url: '.' }],
    tags: [...tags].map((name) => ({ name })),
    paths: named,
    components: { schemas, securitySchemes: { bearer } },
  }
}

/** What schemas say to Elysia alone. It adds additionalProperties to bodies, of which it ignores unknown fields. */
const ofElysia = new Set(['error', 'noValidate', 'additionalProperties', 'elysiaMeta'])

/**
 * Moves every schema with an $id to the components and replaces it by a reference. Elysia's `.model` would do
 * so only for whole bodies, not for a task within a page.
 */
const nameSchemas = (node: Json, schemas: Record<string, Json>): Json => {
  if (Array.isArray(node)) return node.map((item) => nameSchemas(item, schemas))
  if (node === null || typeof node !== 'object') return node
  const { $id, ...rest } = node
  const mapped = Object.fromEntries(
    Object.entries(rest)
      // A field may have such a name: its value is an object.
      .filter(([key, value]) => !ofElysia.has(key) || typeof value === 'object')
      .map(([key, value]) => [key, nameSchemas(value as Json, schemas)]),
  )
  if (typeof $id !== 'string') return mapped
  schemas[$id] = mapped
  return { $ref: `#/components/schemas/${$id}` }
}
