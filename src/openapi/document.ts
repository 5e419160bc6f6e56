import { toOpenAPISchema } from '@elysiajs/openapi'
import type { AnyElysia } from 'elysia'
import { name, version } from '../../package.json'
import { describeResponses } from './describe-responses'
import { tagDescription } from './tag'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined }

const info = {
  title: name,
  version,
  summary: 'Tasks, conversations and messages, each user’s own.',
  description:
    'Every route under `/api` requires a JWT issued by Better Auth, and accesses only the rows of its user. Assistants use the same tasks through the Model Context Protocol at `/mcp`; see the README.',
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
    // Bodies are read by http/body.ts, and the plugin does not know which media type that accepts.
    if (hooks.body)
      operation.requestBody = { required: true, content: { 'application/json': { schema: hooks.body } } }
    if (hooks.response)
      operation.responses = describeResponses({
        schemas: hooks.response,
        hasLocation: hasItems(path),
        isPublic: hooks.detail.security?.length === 0,
      })
  }
  const schemas: Record<string, Json> = {}
  const named = nameSchemas(JSON.parse(JSON.stringify(paths)), schemas)
  return {
    openapi: '3.1.0',
    info,
    // Relative to the URL of the description, so that it also works behind a proxy that strips a prefix.
    servers: [{ url: '.' }],
    tags: [...tags].map(([name, description]) => ({ name, description })),
    paths: named,
    components: {
      schemas,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

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
      // additionalProperties is true by default in JSON Schema, and tools show it as a field to fill in.
      // noValidate is only for Elysia.
      .filter(([key, value]) => key !== 'noValidate' && (key !== 'additionalProperties' || value !== true))
      .map(([key, value]) => [key, nameSchemas(value as Json, schemas)]),
  )
  if (typeof $id !== 'string') return mapped
  schemas[$id] = mapped
  return { $ref: `#/components/schemas/${$id}` }
}
