import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020'
import addFormats from 'ajv-formats'
import type { Answer } from './client'

interface Document {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, unknown>; headers?: object }> }>
  >
}

/** The same description, in which objects have no properties but those that it names. */
const closed = <T>(node: T): T => {
  if (Array.isArray(node)) return node.map(closed) as T
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).map(([key, value]) => [key, closed(value)])
  const isObject = 'properties' in node && typeof node.properties === 'object' && !('allOf' in node)
  return Object.fromEntries(isObject ? [...entries, ['unevaluatedProperties', false]] : entries)
}

/**
 * Finds out whether answers are what the API's own description says, for every answer that a test gets:
 * a property that it does not name is refused, too.
 */
export const createDocumentCheck = (document: Document) => {
  const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }))
  ajv.addSchema(closed(document), 'api')
  const validators = new Map<string, ValidateFunction>()
  const patterns = Object.keys(document.paths).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
  }))
  const escaped = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))

  const validatorOf = (...keys: string[]) => {
    const pointer = `api#/${keys.map(escaped).join('/')}`
    const known = validators.get(pointer) ?? ajv.compile({ $ref: pointer })
    validators.set(pointer, known)
    return known
  }

  /** Throws where an answer differs from its description; what no route answers has none. */
  return (method: string, url: string, answer: Answer) => {
    const { pathname } = new URL(url)
    const path = patterns.find(({ pattern }) => pattern.test(pathname))?.path
    const name = method.toLowerCase()
    if (path === undefined || !document.paths[path]?.[name]) return
    const status = String(answer.status)
    const complain = (what: string) => new Error(`${method} ${pathname} ${status}: ${what}`)
    const described = document.paths[path][name].responses[status]
    if (!described) throw complain('this status is not described')
    if (!answer.headers.has('x-request-id')) throw complain('X-Request-Id is missing')
    if (answer.headers.has('location') !== 'Location' in (described.headers ?? {}))
      throw complain('Location is described but missing, or the other way round')
    const type = answer.headers.get('content-type')?.split(';')[0] ?? ''
    const keys = ['paths', path, name, 'responses', status, 'content', type, 'schema']
    if (!described.content) {
      if (answer.body !== '') throw complain('no body is described')
      return
    }
    if (!(type in described.content)) throw complain(`${type} is not described`)
    const validate = validatorOf(...keys)
    if (!validate(answer.body)) throw complain(ajv.errorsText(validate.errors))
  }
}
