import { sql } from 'drizzle-orm'
import type { Deadline } from '../database'

type Statement<T> = (values: Record<string, unknown>, deadline: Deadline) => Promise<T>

/** The parameter that `scopeTo` fills; it stands in the WHERE clause of every statement. */
export const currentUser = sql.placeholder('user_id')

/** Runs statements as one user, all by one deadline. */
export const scopeTo =
  (userId: string, deadline: Deadline) =>
  <T>(statement: Statement<T>, values: Record<string, unknown> = {}): Promise<T> =>
    statement({ ...values, user_id: userId }, deadline)

/** A key beyond every row, where a list that runs from the newest to the oldest starts. */
export const beyondNewest = Number.MAX_SAFE_INTEGER

/** The one row that an INSERT with RETURNING gives. */
export const only = <R>(rows: R[]): R => {
  const [row] = rows
  if (row === undefined) throw new Error('an INSERT returned no row')
  return row
}
