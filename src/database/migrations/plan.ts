import { getTableName, type Table } from 'drizzle-orm'
import type { Migration } from '.'
import { type Column, compare } from './compare'

/** The models of one dialect. */
export type Models = Readonly<Record<string, Table>>

export type MigrationEvent =
  | { event: 'waiting' }
  | { event: 'started'; steps: readonly string[] }
  | { event: 'finished'; milliseconds: number }

export interface SetUp {
  /** If false, only a new database is set up: in another one, a table that is missing was dropped on purpose. */
  isFirstConnection: boolean
  onMigration(event: MigrationEvent): void
}

/** The table of the migrations that have been applied. */
export const ledgerName = 'todo_backend_migrations'
/** Its name in earlier versions. Rails, dbmate and others have tables of that name, too. */
const formerName = 'schema_migrations'

const createLedger = (hasFormer: boolean) => `
  CREATE TABLE ${ledgerName} (name text PRIMARY KEY, applied_at text NOT NULL DEFAULT CURRENT_TIMESTAMP);
  ${hasFormer ? `INSERT INTO ${ledgerName} (name, applied_at) SELECT name, applied_at FROM ${formerName}` : ''}`

/** The tables whose columns have to be known, in quotes. */
export const tableList = (models: Models) =>
  [ledgerName, formerName, ...Object.values(models).map(getTableName)].map((name) => `'${name}'`).join()

const columnsOf = (table: string, columns: readonly Column[]) =>
  columns.filter((column) => column.table === table)

/** The query for the names of the applied migrations. */
export const ledgerQuery = (columns: readonly Column[]) => {
  if (columnsOf(ledgerName, columns).length > 0) return `SELECT name FROM ${ledgerName}`
  const former = columnsOf(formerName, columns).map(({ name }) => name)
  return former.join() === 'name,applied_at' ? `SELECT name FROM ${formerName}` : `SELECT '' AS name`
}

/** Whether a statement contains the quoted name of a table or a column. */
const mentions = (statement: string, name: string) =>
  statement.includes(`"${name}"`) || statement.includes(`\`${name}\``)

/** Plans what leads to the current schema from the columns that a database has and the rows of its ledger. */
export const plan = (
  models: Models,
  steps: readonly Migration[],
  columns: readonly Column[],
  ledger: readonly { name: string }[],
) => {
  const isMissing = (table: string) => columnsOf(table, columns).length === 0
  const isApplied = ({ name }: Migration) => ledger.some((row) => row.name === name)
  const hasLedger = !isMissing(ledgerName)

  // A missing table is recreated by the applied statements that name it.
  const missing = Object.values(models).map(getTableName).filter(isMissing)
  const statementsOf = (step: Migration) =>
    step.statements.filter((each) => !isApplied(step) || missing.some((name) => mentions(each, name)))
  const needed = steps.filter((step) => statementsOf(step).length > 0)
  const names = needed.map(({ name }) => name)

  const differences = Object.values(models).map((model) => {
    const name = getTableName(model)
    const changes = steps.filter(({ statements }) => statements.some((each) => mentions(each, name)))
    const pending = changes.filter((step) => !isApplied(step))
    // A table of this service that is about to be changed is compared afterwards. One that no migration has created
    // is another program's, and may only lack what later migrations add.
    const isChanged = pending.length > 0 && pending.length < changes.length
    if (isMissing(name) || isChanged) return undefined
    const added = pending.slice(1).flatMap(({ statements }) => statements)
    return compare(model, columnsOf(name, columns), (column) => added.some((each) => mentions(each, column)))
  })

  return {
    hasLedger,
    difference: differences.find((difference) => difference),
    names,
    statements: [
      ...(hasLedger ? [] : [createLedger(steps.some(isApplied))]),
      ...needed.flatMap(statementsOf),
      ...names.map((name) => `INSERT INTO ${ledgerName} (name) VALUES ('${name}') ON CONFLICT DO NOTHING`),
    ],
  }
}

type Plan = ReturnType<typeof plan>

/** Whether the schema stays as it is. */
export const isSettled = ({ hasLedger, statements, difference }: Plan, { isFirstConnection }: SetUp) =>
  (hasLedger && !isFirstConnection) || (statements.length === 0 && !difference)

/** Reports that migrations start; returns the function that reports that they have finished. */
export const report = ({ names }: Plan, { onMigration }: SetUp) => {
  if (names.length === 0) return () => {}
  const start = performance.now()
  onMigration({ event: 'started', steps: names })
  return () => onMigration({ event: 'finished', milliseconds: Math.round(performance.now() - start) })
}
