import { Kind, type TSchema, type TUnsafe, Type, TypeRegistry } from '@sinclair/typebox'

/** Returns the problem of a value, as a sentence without its subject; undefined if it is valid. */
export type Check = (value: unknown) => string | undefined

interface RefinedSchema extends TSchema {
  check: Check
  /** Turns the text of a path or query, once it is valid, into the value that handlers receive. */
  decode?(text: string): unknown
}

const kind = 'Refined'

/**
 * A TypeBox type whose rule is a function, for rules that TypeBox cannot express: for example, it counts
 * UTF-16 units, but JSON Schema counts characters. `schema` documents the same rule in the API description.
 */
export const refine = <T>(schema: object, check: Check, decode?: (text: string) => T) => {
  if (!TypeRegistry.Has(kind))
    TypeRegistry.Set<RefinedSchema>(kind, (type, value) => type.check(value) === undefined)
  return Type.Unsafe<T>({ ...schema, [Kind]: kind, check, decode }) as TUnsafe<T> & { check: Check }
}

export const isRefined = (schema: TSchema): schema is RefinedSchema => schema[Kind] === kind
