import type { Static, TObject } from '@sinclair/typebox'
import { and, asc, desc, eq, gt, lt, type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Database, Deadline, Prepared } from '../database'
import type { BuiltQuery } from '../models/dialects/query'
import { defaultLimit, fromCursor, type PageRequest, type Rows } from '../schemas/page'
import { columnsOf, type FieldsOf, type NewFieldsOf, namesOf, owner } from './columns'
import { createPages, type PageParts } from './page'

type UserTable = PgTable & { id: AnyPgColumn; user_id: AnyPgColumn }
type Values = Record<string, unknown>

/** A condition that a list may have: it compares a column with a value, which is encoded as the column is. */
export type Filter = readonly [compare: (column: AnyPgColumn, value: SQL) => SQL, column: AnyPgColumn]

interface Description<T extends UserTable, R extends TObject, N extends TObject, C extends TObject> {
  table: T
  /** What clients receive of a row, send of a new row, and send of a row that changes. */
  row: R
  newRow?: NewFieldsOf<T, N>
  change?: FieldsOf<T, C>
  order: 'newest first' | 'oldest first'
  filters?: Record<string, Filter>
}

/** The parameter that holds the user; it is part of every statement. */
export const currentUser = sql.placeholder(owner)

/** A placeholder for each field, with the field's name. */
export const placeholdersFor = (fields: readonly string[]) =>
  Object.fromEntries(fields.map((field) => [field, sql.placeholder(field)]))

/**
 * Prepares a statement for each combination of fields when it first occurs: absent fields keep their value, or
 * get the default of their column. That for all fields is prepared at once, so that a mistake ends the start.
 */
export const preparePerFields = <S>(fields: readonly string[], prepare: (given: readonly string[]) => S) => {
  const statements = new Map([[fields.join(), prepare(fields)]])
  return (values: Values): S => {
    const given = fields.filter((field) => values[field] !== undefined)
    const key = given.join()
    const known = statements.get(key) ?? prepare(given)
    statements.set(key, known)
    return known
  }
}

/** Runs statements as one user, all by one deadline. */
export const forUser =
  (userId: string, deadline: Deadline) =>
  <Result>(statement: (values: Values, deadline: Deadline) => Promise<Result>, values: Values = {}) =>
    statement({ ...values, [owner]: userId }, deadline)

/**
 * Prepares all statements of a table whose rows belong to users. Each is bound to one user, and a row of another
 * user is never returned, whatever the database or its driver does.
 */
export const prepareRows = <
  T extends UserTable,
  R extends TObject,
  N extends TObject = TObject,
  C extends TObject = TObject,
>(
  database: Database,
  { table, row, newRow, change, order, filters = {} }: Description<T, R, N, C>,
) => {
  const { dialect } = database
  const query = dialect.queryBuilder()
  const columns = columnsOf(table, row)
  const prepare = (built: BuiltQuery) =>
    database.prepare(built, owner) as Prepared<{ _: { result: Static<R>[] }; toSQL: BuiltQuery['toSQL'] }>

  const own = eq(table.user_id, currentUser)
  const one = and(eq(table.id, sql.placeholder('id')), own)
  const find = prepare(
    query
      .select(columns)
      .from(table as PgTable)
      .where(one),
  )
  const remove = prepare(query.delete(table).where(one).returning(columns))
  const add = preparePerFields(newRow ? namesOf(table, newRow) : [], (given) => {
    const values = { [owner]: currentUser, ...placeholdersFor(given) }
    return prepare(
      query
        .insert(table)
        .values(values as never)
        .returning(columns),
    )
  })
  const update =
    change &&
    preparePerFields(namesOf(table, change), (given) =>
      prepare(
        query
          .update(table)
          .set(placeholdersFor(given) as never)
          .where(one)
          .returning(columns),
      ),
    )

  const pages = createPages(dialect, table, row, columns)
  const key = dialect.pageKey(table.id)
  const after = sql.placeholder('after')
  const [direction, follows, start] =
    order === 'newest first'
      ? [desc(key), lt(key, after), Number.MAX_SAFE_INTEGER]
      : [asc(key), gt(key, after), 0]
  const preparePage = (select: (parts: PageParts) => BuiltQuery) =>
    preparePerFields(Object.keys(filters), (given) => {
      const conditions = given.map((name) => {
        const [compare, column] = filters[name] as Filter
        return compare(column, sql`${sql.param(sql.placeholder(name), column)}`)
      })
      return prepare(select({ where: and(own, ...conditions, follows), order: direction }))
    })
  const shortPage = preparePage(pages.short)
  const longPage = preparePage(pages.long)

  return (userId: string) => {
    const run = forUser(userId, database.deadline())

    return {
      run,

      /** A page of this user's rows that meet the filters with a value. */
      async list(
        { limit = defaultLimit, cursor }: PageRequest,
        values: Values = {},
      ): Promise<Rows<Static<R>>> {
        const page = pages.mayBeLong(limit) ? longPage : shortPage
        const position = cursor === undefined ? start : fromCursor(cursor)
        const found = await run(page(values), { ...values, limit: limit + 1, after: position })
        const rows = pages.cut(found.length > limit ? found.slice(0, limit) : found)
        return { rows, hasMore: rows.length < found.length }
      },

      /** A row; undefined if it does not exist or is not this user's. */
      find: async (id: number) => (await run(find, { id })).at(0),

      async add(fields: Static<N>): Promise<Static<R>> {
        const [added] = await run(add(fields), fields)
        if (added === undefined) throw new Error('an INSERT returned no row')
        return added
      },

      /** Changes the fields that are given, and returns the row; undefined if it is not this user's. */
      change: async (id: number, fields: Static<C>) =>
        update && (await run(update(fields), { ...fields, id })).at(0),

      /** Deletes a row and returns it; undefined if it is not this user's. */
      remove: async (id: number) => (await run(remove, { id })).at(0),
    }
  }
}
