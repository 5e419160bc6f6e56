import { type TSchema, type TVoid, Type } from '@sinclair/typebox'
import { Problem } from '../schemas/problem'

/** A response without a body. */
export const noContent: TVoid = Type.Void()

/** The errors of every route under /api, and those of every route that reads a body. */
export const apiErrors = [401, 500, 503] as const
export const bodyErrors = [400, 408, 413, 415, 422] as const

/**
 * The schemas of a route's responses by status: they type its handler and its clients, and describe it.
 * Elysia does not validate responses against them at run time.
 */
export const responses = <const S extends Record<number, TSchema>, const E extends readonly number[]>(
  successes: S,
  errors: E,
) =>
  Object.fromEntries(
    [...Object.entries(successes), ...errors.map((status) => [status, Problem] as const)].map(
      ([status, schema]) => [status, { ...schema, noValidate: true }],
    ),
  ) as unknown as S & Record<E[number], typeof Problem>
