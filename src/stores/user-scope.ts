import { sql } from 'drizzle-orm'
import type { Database, Deadline } from '../database'
import type { BuiltQuery } from '../models/dialects/query'

type Statement<T> = (values: Record<string, unknown>, deadline: Deadline) => Promise<T>

/** The column that names the owner of a row. */
export const owner = 'user_id'

/** The parameter that `forUser` fills; it is part of every statement. */
export const currentUser = sql.placeholder(owner)

/**
 * Prepares statements that are bound to one user: a statement without `currentUser` throws at start-up, and a
 * row of another user is never returned, whatever the database or its driver does.
 */
export const prepareForUser =
  (database: Database) =>
  <Q extends BuiltQuery>(query: Q) =>
    database.prepare(query, owner)

/** Runs statements as one user, all by one deadline. */
export const forUser =
  (userId: string, deadline: Deadline) =>
  <T>(statement: Statement<T>, values: Record<string, unknown> = {}): Promise<T> =>
    statement({ ...values, [owner]: userId }, deadline)

export type Run = ReturnType<typeof forUser>

/** The one row that an INSERT with RETURNING returns. */
export const singleRow = <R>(rows: R[]): R => {
  const [row] = rows
  if (row === undefined) throw new Error('an INSERT returned no row')
  return row
}
