import { Type } from '@sinclair/typebox'
import { refine } from './refine'

/** How JSON writes an integer, and so how paths and queries have to write it. */
export const integer = /^(0|-?[1-9]\d*)$/

/** No row has this id. */
const noId = 0

/** An id in a path. What is no integer is not valid; an integer that no row can have is not found. */
const Id = refine<number>(
  { type: 'integer', format: 'int64', minimum: 1, examples: [1] },
  (value) => (typeof value === 'string' && integer.test(value) ? undefined : 'must be an integer'),
  (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : noId),
)

export const IdPath = Type.Object({ id: Id })
