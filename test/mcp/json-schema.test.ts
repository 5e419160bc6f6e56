import { expect, it } from 'bun:test'
import { Type } from '@sinclair/typebox'
import { toInputSchema, toOutputSchema } from '../../src/mcp/json-schema'
import { textOrNull } from '../../src/schemas/text'

const priority = Type.Union([Type.Literal('low'), Type.Literal('high')], { description: 'How urgent.' })
const note = textOrNull({ maxLength: 10, description: 'A note.', examples: ['x'] })
const schema = Type.Object(
  { priority, note, id: Type.Integer({ format: 'int64', minimum: 1 }) },
  { $id: 'X' },
)

it('a schema for assistants has one type everywhere, and limits for arguments alone', () => {
  const text = { type: 'string', description: 'A note.' }
  const choice = { type: 'string', enum: ['low', 'high'], description: 'How urgent.' }
  expect(toOutputSchema(schema)).toEqual({
    type: 'object',
    properties: { priority: choice, note: text, id: { type: 'integer' } },
    required: ['priority', 'id'],
  })
  expect(toInputSchema(schema)).toEqual({
    type: 'object',
    properties: { priority: choice, note: { ...text, maxLength: 10 }, id: { type: 'integer', minimum: 1 } },
    required: ['priority', 'id'],
  })
})

it('a value that may be null is optional for assistants, whichever way its schema says so', () => {
  const nullable = Type.Object({
    effort: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], { description: 'In hours.' }),
    mood: Type.Union([Type.Literal('calm'), Type.Literal('excited'), Type.Null()]),
  })
  expect(toInputSchema(nullable)).toEqual({
    type: 'object',
    properties: {
      effort: { type: 'integer', description: 'In hours.', minimum: 0 },
      mood: { type: 'string', enum: ['calm', 'excited'] },
    },
    required: [],
  })
})

it('a schema without a single type is refused when the service declares it', () => {
  const either = Type.Object({ either: Type.Union([Type.String(), Type.Integer()]) })
  expect(() => toOutputSchema(either)).toThrow('no single type')
})
