import type { TObject, TSchema } from '@sinclair/typebox'
import { type FieldProblem, Invalid } from '../errors'
import { createCheck } from '../schemas/check'
import { isRefined } from '../schemas/refine'
import { createJsonReader } from './body'
import { bodyLimitOf } from './body-limit'
import { repeatedParameters } from './repeated-parameters'
import type { Shutdown } from './shutdown'

interface Parts {
  params?: TObject
  query?: TObject
  body?: TObject
}

type Texts = Record<string, string>

interface Incoming {
  request: Request
  /** Strings at this point, although Elysia's types already describe the decoded values. */
  params: unknown
  query: unknown
  body: unknown
  /** Added to the context in app.ts. */
  shutdown?: Shutdown
}

/** A rule that the schema of a body cannot express. Returns the problem, or undefined. */
type Rule = (body: unknown) => string | undefined

const problemsIn = (part: FieldProblem['in'], schema: TSchema | undefined) => {
  if (!schema) return () => []
  const check = createCheck(schema)
  return (value: unknown): FieldProblem[] => check(value).map((problem) => ({ in: part, ...problem }))
}

/** Returns the function that decodes the strings of a path or query. */
const createDecoder = (schema: TObject | undefined) => {
  const decoders = Object.entries(schema?.properties ?? {}).flatMap(([name, property]) =>
    isRefined(property) && property.decode ? [[name, property.decode] as const] : [],
  )
  return (encoded: unknown): unknown => {
    if (decoders.length === 0) return encoded
    const texts = encoded as Texts
    const values: Record<string, unknown> = { ...texts }
    for (const [name, decode] of decoders) {
      const text = texts[name]
      if (text !== undefined) values[name] = decode(text)
    }
    return values
  }
}

/**
 * Returns the function that leaves only the fields of a schema of a body. What else a client sends is ignored, and
 * must not fill the memory while the request waits.
 */
const createSelection = (schema: TObject | undefined) => {
  const names = Object.keys(schema?.properties ?? {})
  return (body: unknown): unknown => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
    const given = body as Record<string, unknown>
    const selected: Record<string, unknown> = {}
    for (const name of names) if (name in given) selected[name] = given[name]
    return selected
  }
}

const unchecked = <T extends Parts>(parts: T): T =>
  Object.fromEntries(
    Object.entries(parts).map(([name, schema]) => [name, { ...schema, noValidate: true }]),
  ) as T

/**
 * The options of a route that validate its path, query and body, and decode the first two. Elysia would
 * validate them one after the other and stop at the first invalid part. Here all problems of a request are
 * reported at once, after authentication and before any work. Elysia still gets the schemas, for types and
 * the API description.
 *
 * @example .post('', ({ body }) => add(body), validate({ body: NewTask }))
 */
export const validate = <T extends Parts>(parts: T, rule: Rule = () => undefined) => {
  const problemsInPath = problemsIn('path', parts.params)
  const problemsInQuery = problemsIn('query', parts.query)
  const problemsInBody = problemsIn('body', parts.body)
  const parameters = Object.keys(parts.query?.properties ?? {})
  const decodePath = createDecoder(parts.params)
  const decodeQuery = createDecoder(parts.query)
  const readJson = createJsonReader(bodyLimitOf(parts.body))
  const select = createSelection(parts.body)

  const problemsOfQuery = (url: string, query: unknown): FieldProblem[] => {
    const repeated = repeatedParameters(url, parameters)
    const others = problemsInQuery(query).filter(({ path }) => !repeated.includes(path.slice(1)))
    return [
      ...repeated.map((name) => ({
        in: 'query' as const,
        path: `/${name}`,
        message: 'must appear only once',
      })),
      ...others,
    ]
  }

  const problemsOfBody = (body: unknown): FieldProblem[] => {
    const broken = rule(body)
    return broken === undefined
      ? problemsInBody(body)
      : [...problemsInBody(body), { in: 'body', path: '', message: broken }]
  }

  const check = (url: string, params: unknown, query: unknown, ofBody: FieldProblem[] = []) => {
    const problems = [...problemsInPath(params), ...problemsOfQuery(url, query), ...ofBody]
    if (problems.length > 0) throw new Invalid(problems)
  }

  return {
    ...unchecked(parts),
    // Elysia would read the body before the token is verified.
    ...(parts.body && ({ parse: 'none' } as const)),
    // Elysia inspects the source of these functions and parses only the parts of a request that they use.
    transform: parts.body
      ? async (context: Incoming) => {
          context.body = select(await readJson(context.request, context.shutdown))
          check(context.request.url, context.params, context.query, problemsOfBody(context.body))
          context.params = decodePath(context.params)
          context.query = decodeQuery(context.query)
        }
      : (context: Incoming) => {
          check(context.request.url, context.params, context.query)
          context.params = decodePath(context.params)
          context.query = decodeQuery(context.query)
        },
  }
}
