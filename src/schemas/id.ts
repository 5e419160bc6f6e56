import { Type } from '@sinclair/typebox'
import { checked } from './checked'

/** How JSON writes an integer, and so how paths and queries must, too. */
export const integer = /^(0|-?[1-9]\d*)$/

/** An id as a path carries it. What is no integer is invalid; what is none of ours is not found. */
const Id = checked<string>({ type: 'integer', format: 'int64', minimum: 1, examples: [1] }, (value) =>
  typeof value === 'string' && integer.test(value) ? undefined : 'must be an integer',
)

export const IdParameter = Type.Object({ id: Id })

/** The id as a number; 0, which no row has, where it is beyond all ids. */
export const toId = (id: string) => (Number.isSafeInteger(Number(id)) ? Number(id) : 0)
