import { Type } from '@sinclair/typebox'
import { refine } from './refine'

/** An integer as in JSON, which is also the only accepted form in paths and queries. */
export const integer = /^(0|-?[1-9]\d*)$/

/** No row has this id. */
const noId = 0

/**
 * An id in a path. Anything but an integer is invalid; an integer that no row can have is valid but not
 * found.
 */
const Id = refine<number>(
  { type: 'integer', format: 'int64', minimum: 1, examples: [1] },
  (value) => (typeof value === 'string' && integer.test(value) ? undefined : 'must be an integer'),
  (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : noId),
)

export const IdPath = Type.Object({ id: Id })
