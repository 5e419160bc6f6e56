import type { TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { type FieldProblem, Invalid } from '../errors'
import { isChecked } from '../schemas/checked'
import { readJson } from './body'
import { bodyLimitOf } from './body-limit'
import type { Lifecycle } from './lifecycle'
import { repeatedParameters } from './repeated-parameters'

interface Parts {
  params?: TSchema
  query?: TSchema
  body?: TSchema
}

type Values = { [name in keyof Parts]?: unknown }

/** A rule that no schema says: the problem where it is broken. It is asked whatever else is wrong. */
export type Rule = (values: Values) => FieldProblem | undefined

interface Incoming extends Values {
  request: Request
  /** Put into the context in app.ts. */
  lifecycle?: Lifecycle
}

/**
 * What a route takes, for the options of that route: it reads the body, after authentication, and
 * checks all parts together, so that an answer names every problem at once. Elysia still knows the
 * schemas, for types and the description, but does not check: it would stop at the first part, and
 * print the whole of a wrong value.
 *
 * @example .post('', ({ body }) => add(body), takes({ body: NewTask }))
 */
export const takes = <T extends Parts>(parts: T, rule?: Rule) => {
  const names = (['params', 'query', 'body'] as const).filter((name) => parts[name])
  const checks = new Map<keyof Parts, TypeCheck<TSchema>>()
  const checkOf = (name: keyof Parts) => {
    const known = checks.get(name) ?? TypeCompiler.Compile(parts[name] as TSchema)
    checks.set(name, known)
    return known
  }

  const parameters = Object.keys(parts.query?.properties ?? {})
  const limit = bodyLimitOf(parts.body)

  const check = (request: Request, values: Values) => {
    const repeated = repeatedParameters(request.url, parameters).map(
      (name): FieldProblem => ({ in: 'query', path: `/${name}`, message: 'must appear only once' }),
    )
    const broken = rule?.(values)
    const isValid = names.every((name) => checkOf(name).Check(values[name]))
    if (isValid && !broken && repeated.length === 0) return
    const problems = names.flatMap((name) => [
      ...(name === 'query' ? repeated : []),
      ...problemsIn(name, checkOf(name), values[name]),
    ])
    throw new Invalid(firstForEachPlace(broken ? [...problems, broken] : problems))
  }
  // Elysia reads in the source of these what they want of a request, and prepares nothing else.
  const transform = parts.body
    ? async ({ request, params, query, lifecycle }: Incoming) => {
        const body = await readJson(request, limit, lifecycle)
        check(request, { params, query, body })
        return { body }
      }
    : ({ request, params, query }: Incoming) => {
        check(request, { params, query })
      }

  const unchecked: Parts = Object.fromEntries(
    names.map((name) => [name, { ...parts[name], noValidate: true }]),
  )
  return {
    ...(unchecked as T),
    // Elysia would read the body before the token is looked at.
    ...(parts.body && ({ parse: 'none' } as const)),
    transform,
  }
}

/** The names of the parts in an answer. */
const places = { params: 'path', query: 'query', body: 'body' } as const

const problemsIn = (part: keyof Parts, check: TypeCheck<TSchema>, value: unknown): FieldProblem[] =>
  [...check.Errors(value)].map(({ path, schema, value: wrong, message }) => ({
    in: places[part],
    path,
    message: explain(schema, wrong) ?? message,
  }))

const firstForEachPlace = (problems: readonly FieldProblem[]): FieldProblem[] =>
  [...Map.groupBy(problems, ({ in: part, path }) => part + path).values()].flatMap(([first]) => first ?? [])

const explain = (schema: TSchema, wrong: unknown): string | undefined => {
  if (wrong === undefined) return 'is required'
  if (isChecked(schema)) return schema.check(wrong)
  if (Array.isArray(schema.anyOf))
    return `must be one of ${schema.anyOf.map((option: TSchema) => option.const).join(', ')}`
  if (typeof schema.type === 'string')
    return `must be ${/^[aeiou]/.test(schema.type) ? 'an' : 'a'} ${schema.type}`
}
