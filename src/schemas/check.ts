import type { TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { explain } from './explain'
import { registerTime } from './time'

export interface SchemaProblem {
  /** A JSON pointer into the value (RFC 6901). */
  path: string
  message: string
}

/**
 * Returns the function that finds all problems of a value, at most one for each path; none if it is valid.
 */
export const createCheck = (schema: TSchema) => {
  // Compiled on first use, so that start-up does not compile every schema.
  let compiled: TypeCheck<TSchema> | undefined
  registerTime()

  return (value: unknown): readonly SchemaProblem[] => {
    compiled ??= TypeCompiler.Compile(schema)
    if (compiled.Check(value)) return none
    const found = new Map<string, string>()
    for (const { path, schema: part, value: wrong, message } of compiled.Errors(value))
      if (!found.has(path)) found.set(path, explain(part, wrong) ?? message)
    return [...found].map(([path, message]) => ({ path, message }))
  }
}

const none: readonly SchemaProblem[] = []
