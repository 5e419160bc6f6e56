import { Kind, type TSchema, type TUnsafe, Type, TypeRegistry } from '@sinclair/typebox'

/** Says what is wrong with a value, as a sentence without a subject; nothing where it is right. */
export type Check = (value: unknown) => string | undefined

interface CheckedSchema extends TSchema {
  check: Check
}

const kind = 'Checked'

/**
 * A TypeBox type whose rule is a function, for what TypeBox cannot say: it counts UTF-16 units where
 * JSON Schema counts characters, for one. `schema` documents the same rule in the API description.
 */
export const checked = <T>(schema: object, check: Check) => {
  if (!TypeRegistry.Has(kind))
    TypeRegistry.Set<CheckedSchema>(kind, (type, value) => type.check(value) === undefined)
  return Type.Unsafe<T>({ ...schema, [Kind]: kind, check }) as TUnsafe<T> & { check: Check }
}

export const isChecked = (schema: TSchema): schema is CheckedSchema => schema[Kind] === kind
