import type { JSONValue } from '@modelcontextprotocol/server'
import type { TObject, TSchema } from '@sinclair/typebox'

/** A JSON Schema of the few keywords that every assistant accepts: no `$ref`, `anyOf` or null. */
interface PlainSchema {
  type: string
  [keyword: string]: JSONValue
}

/** A schema of an object, as tools declare it. */
interface PlainObject extends PlainSchema {
  type: 'object'
  properties: Record<string, PlainSchema>
  required: string[]
}

/** What the schema of an argument says; its other keywords are for the API description. */
const argumentKeywords = ['enum', 'default', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern']

/** The schemas that a union allows; a schema that is not a union allows itself. */
const optionsOf = (schema: TSchema): TSchema[] => schema.anyOf ?? [schema]

/** The names of a schema's types. */
const typesOf = (schema: TSchema): string[] => [...new Set(optionsOf(schema).flatMap(({ type }) => type))]

/** The names of the properties that may be null. */
const nullableIn = (schema: TObject): string[] =>
  Object.keys(schema.properties).filter((name) =>
    typesOf(schema.properties[name] as TSchema).includes('null'),
  )

const toPlain = (schema: TSchema, keywords: readonly string[]): PlainSchema => {
  const [type, ...others] = typesOf(schema).filter((name) => name !== 'null')
  const options = optionsOf(schema).filter((option) => option.type !== 'null')
  const literals = options.flatMap((option) => option.const ?? [])
  const isEnum = literals.length > 0 && literals.length === options.length
  if (type === undefined || others.length > 0 || (options.length > 1 && !isEnum))
    throw new Error(`a schema of a tool has no single type: ${JSON.stringify(schema)}`)
  if (type === 'object') return toPlainObject(schema as TObject, keywords)
  const merged: TSchema = { ...options[0], ...schema }
  const kept = ['description', ...keywords].filter((keyword) => keyword in merged)
  return {
    type,
    ...Object.fromEntries(kept.map((keyword) => [keyword, merged[keyword]])),
    ...(isEnum && { enum: literals }),
    ...(type === 'array' && { items: toPlain(schema.items, keywords) }),
  }
}

const toPlainObject = (schema: TObject, keywords: readonly string[]): PlainObject => {
  const nullable = nullableIn(schema)
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, toPlain(property, keywords)]),
    ),
    // What is null is left out of results, and need not be given.
    required: (schema.required ?? []).filter((name) => !nullable.includes(name)),
  }
}

/** The schema of a tool's arguments. Throws Error if one of them has no type. */
export const toInputSchema = (schema: TObject): PlainObject => toPlainObject(schema, argumentKeywords)

/**
 * The schema of a tool's result. It states no limits, because a row that another program wrote must not break a
 * client. Throws Error if a part of it has no type.
 */
export const toOutputSchema = (schema: TObject): PlainObject => toPlainObject(schema, [])
