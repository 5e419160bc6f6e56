import type { TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { type FieldProblem, Invalid } from '../errors'
import { isChecked } from '../schemas/checked'
import { readJson } from './body'
import type { Lifecycle } from './lifecycle'

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

  const check = (values: Values) => {
    const broken = rule?.(values)
    if (!broken && names.every((name) => checkOf(name).Check(values[name]))) return
    const problems = names.flatMap((name) => problemsIn(checkOf(name), values[name]))
    throw new Invalid(broken ? [...problems, broken] : problems)
  }
  // Elysia reads in the source of these what they want of a request, and prepares nothing else.
  const transform = parts.body
    ? async ({ request, params, query, lifecycle }: Incoming) => {
        const body = await readJson(request, lifecycle)
        check({ params, query, body })
        return { body }
      }
    : ({ params, query }: Incoming) => {
        check({ params, query })
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

/** Every problem of one part, the first for each place. */
const problemsIn = (check: TypeCheck<TSchema>, value: unknown): FieldProblem[] => {
  const found = new Map<string, string>()
  for (const { path, schema, value: wrong, message } of check.Errors(value))
    if (!found.has(path)) found.set(path, explain(schema, wrong) ?? message)
  return [...found].map(([path, message]) => ({ path, message }))
}

const explain = (schema: TSchema, wrong: unknown): string | undefined => {
  if (wrong === undefined) return 'is required'
  if (isChecked(schema)) return schema.check(wrong)
  if (Array.isArray(schema.anyOf))
    return `must be one of ${schema.anyOf.map((option: TSchema) => option.const).join(', ')}`
  if (typeof schema.type === 'string')
    return `must be ${/^[aeiou]/.test(schema.type) ? 'an' : 'a'} ${schema.type}`
}
