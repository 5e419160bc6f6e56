import type { Static, TObject } from '@sinclair/typebox'
import { and, asc, desc, eq, gt, lt, type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type { Database, Deadline } from '../database'
import type { BuiltQuery } from '../models/dialects/query'
import { defaultLimit, fromCursor, type PageRequest } from '../schemas/page'
import { columnsOf, type FieldsOf, type NewFieldsOf, owner, type UserTable } from './columns'
import { createPages } from './page'

type Values = Record<string, unknown>

export type Statement<R> = (values: Values, deadline: Deadline) => Promise<R[]>

/** A condition that a list may have: it compares a column with a value, which is encoded as the column is. */
export type Filter = readonly [compare: (column: AnyPgColumn, value: SQL) => SQL, column: AnyPgColumn]

const orders = {
  'newest first': { sort: desc, follows: lt, start: Number.MAX_SAFE_INTEGER },
  'oldest first': { sort: asc, follows: gt, start: 0 },
}

interface Description<T extends UserTable, R extends TObject, N extends TObject, C extends TObject> {
  table: T
  /** What clients receive of a row, send of a new row, and send of a row that changes. */
  row: R
  newRow?: NewFieldsOf<T, N>
  change?: FieldsOf<T, C>
  order: keyof typeof orders
  filters?: Record<string, Filter>
}

/** The parameter that holds the user; it is part of every statement. */
export const currentUser = sql.placeholder(owner)

/**
 * Prepares a statement for each combination of fields when it first occurs, with their values encoded as the
 * columns are: absent fields keep their value, or get the default of their column. That for all fields is
 * prepared at once, so that a mistake ends the start.
 */
export const preparePerFields = <S>(
  columns: Record<string, AnyPgColumn>,
  prepare: (given: Record<string, SQL>) => S,
) => {
  const fields = Object.keys(columns)
  const parameterOf = (name: string) => [name, sql`${sql.param(sql.placeholder(name), columns[name])}`]
  const prepareFor = (given: string[]) => prepare(Object.fromEntries(given.map(parameterOf)))
  const statements = new Map([[fields.join(), prepareFor(fields)]])
  return (values: Values): S => {
    const given = fields.filter((field) => values[field] !== undefined)
    const key = given.join()
    const known = statements.get(key) ?? prepareFor(given)
    statements.set(key, known)
    return known
  }
}

/**
 * Prepares all statements of a table whose rows belong to users. Each is bound to one user, and a row of another
 * user is never returned, whatever the database or its driver does.
 */
export const prepareRows = <T extends UserTable, R extends TObject, N extends TObject, C extends TObject>(
  database: Database,
  { row, newRow, change, order, filters = {}, ...description }: Description<T, R, N, C>,
) => {
  const table: UserTable = description.table
  const columns = columnsOf(table, row)
  if (!(owner in columns)) throw new Error(`the schema ${row.$id} has no field ${owner}`)
  const query = database.dialect.queryBuilder()
  const prepare = (built: BuiltQuery): Statement<Static<R>> => database.prepare(built, owner)

  const own = eq(table.user_id, currentUser)
  const one = and(eq(table.id, sql.placeholder('id')), own)
  const find = prepare(query.select(columns).from(table).where(one))
  const remove = prepare(query.delete(table).where(one).returning(columns))
  const add = preparePerFields(newRow ? columnsOf(table, newRow) : {}, (given) => {
    const values = { user_id: currentUser, ...given }
    return prepare(query.insert(table).values(values).returning(columns))
  })
  const update =
    change &&
    preparePerFields(columnsOf(table, change), (given) =>
      prepare(query.update(table).set(given).where(one).returning(columns)),
    )

  const pages = createPages(query, table, row, columns)
  const { sort, follows, start } = orders[order]
  const key = database.dialect.pageKey(table.id)
  const follow = follows(key, sql.placeholder('after'))
  const filtered = Object.fromEntries(Object.entries(filters).map(([name, [, column]]) => [name, column]))
  const preparePage = (select: typeof pages.short) =>
    preparePerFields(filtered, (given) => {
      const conditions = Object.entries(filters).map(
        ([name, [compare, column]]) => given[name] && compare(column, given[name]),
      )
      return prepare(select(and(own, ...conditions, follow), sort(key)))
    })
  const shortPage = preparePage(pages.short)
  const longPage = preparePage(pages.long)

  return (userId: string) => {
    const deadline = database.deadline()
    const run = <Row>(statement: Statement<Row>, values: Values) =>
      statement({ ...values, [owner]: userId }, deadline)
    const first = async <Row>(statement: Statement<Row>, values: Values) =>
      (await run(statement, values)).at(0)

    return {
      /** The first row that a statement returns. */
      first,

      /** A page of this user's rows that meet the filters with a value. */
      async list({ limit = defaultLimit, cursor, ...values }: PageRequest & Values) {
        const page = pages.mayBeLong(limit) ? longPage : shortPage
        const after = cursor === undefined ? start : fromCursor(cursor)
        const found = await run(page(values), { ...values, limit: limit + 1, after })
        const rows = pages.cut(found.slice(0, limit))
        return { rows, hasMore: rows.length < found.length }
      },

      /** A row; undefined if it does not exist or is not this user's. */
      find: (id: number) => first(find, { id }),

      async add(fields: Static<N>) {
        const added = await first(add(fields), fields)
        if (added === undefined) throw new Error('an INSERT returned no row')
        return added
      },

      /** Changes the fields that are given, and returns the row; undefined if it is not this user's. */
      change: async (id: number, fields: Static<C>) => update && first(update(fields), { ...fields, id }),

      /** Deletes a row and returns it; undefined if it is not this user's. */
      remove: (id: number) => first(remove, { id }),
    }
  }
}
