import { type SchemaOptions, type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { TypeSystem } from '@sinclair/typebox/system'

/*
 * Parameters of paths and queries arrive as texts. Their kinds check the text before it is decoded, since an error
 * that a decoder throws is lost in the minified binary, where Elysia does not recognize its class; and they accept
 * what they decode to, because Elysia decodes a query twice. Their type is that of the decoded value.
 */

interface IntegerRule extends SchemaOptions {
  minimum?: number
  maximum?: number
  error: string
}

const IntegerText = TypeSystem.Type<number, IntegerRule>(
  'IntegerText',
  ({ minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY }, value) =>
    // As in JSON: no leading zero, no plus, no exponent, no blank.
    (typeof value === 'number' || (typeof value === 'string' && /^(0|-?[1-9]\d*)$/.test(value))) &&
    Number(value) >= minimum &&
    Number(value) <= maximum,
)

/** An integer in a path or query. One that is too large for an id becomes 0, which no row has. */
export const integerParameter = (rule: IntegerRule) =>
  Type.Transform(IntegerText({ type: 'integer', ...rule }))
    .Decode((text) => (Number.isSafeInteger(Number(text)) ? Number(text) : 0))
    .Encode((value) => value)

const BooleanText = TypeSystem.Type<boolean>(
  'BooleanText',
  (_, value) => value === 'true' || value === 'false' || typeof value === 'boolean',
)

/** A boolean in a query, as `true` or `false`. */
export const booleanParameter = (description: string) =>
  Type.Transform(BooleanText({ type: 'boolean', description, error: 'must be true or false' }))
    .Decode((text) => String(text) === 'true')
    .Encode((value) => value)

/** The path of a row. An id that is an integer, but that no row has, is valid and not found. */
export const IdPath = Type.Object({
  id: integerParameter({ format: 'int64', description: 'The id.', error: 'must be an integer' }),
})

/** Has Elysia keep all values of a parameter that appears more than once, as a list, and not the last of them. */
const keepAll = { elysiaMeta: 'ArrayQuery' }

/**
 * The query of a route: these parameters, each at most once, and no others. What an unknown one asks for would not
 * happen, and nobody would notice.
 */
export const queryOf = <P extends TProperties>(properties: P) => {
  const names = Object.keys(properties)
  const error = `is unknown: ${names.length > 0 ? `the parameters are ${names.join(', ')}` : 'there are no parameters'}`
  const marked: TProperties = {}
  for (const name of names) marked[name] = { ...(properties[name] as TSchema), ...keepAll }
  return Type.Object(marked as P, { additionalProperties: Type.Never({ error }) })
}

export const NoQuery = queryOf({})
