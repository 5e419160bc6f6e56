import { getTableName, type Table } from 'drizzle-orm'
import type { Migration } from '.'
import { type Column, compare } from './compare'

/** The models of one dialect. */
export type Models = Readonly<Record<string, Table>>

export type MigrationEvent =
  | { event: 'waiting for another replica' }
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

const createLedger = `CREATE TABLE ${ledgerName}
  (name text PRIMARY KEY, applied_at text NOT NULL DEFAULT CURRENT_TIMESTAMP)`
const copyLedger = `INSERT INTO ${ledgerName} (name, applied_at) SELECT name, applied_at FROM ${formerName}`
const addToLedger = ({ name }: Migration) =>
  `INSERT INTO ${ledgerName} (name) VALUES ('${name}') ON CONFLICT DO NOTHING`

/** The tables whose columns have to be known, in quotes. */
export const tableList = (models: Models) =>
  [ledgerName, formerName, ...Object.values(models).map(getTableName)].map((name) => `'${name}'`).join()

const columnsOf = (table: string, columns: readonly Column[]) =>
  columns.filter((each) => each.table === table)

/** The query for the names of the applied migrations; undefined if there is no ledger. */
export const ledgerQuery = (columns: readonly Column[]) => {
  if (columnsOf(ledgerName, columns).length > 0) return `SELECT name FROM ${ledgerName}`
  const former = columnsOf(formerName, columns).map(({ name }) => name)
  return former.toSorted().join() === 'applied_at,name' ? `SELECT name FROM ${formerName}` : undefined
}

/** The statements that contain the quoted name of a table or a column. */
const naming = (name: string, statements: readonly string[]) =>
  statements.filter((statement) => statement.includes(`"${name}"`) || statement.includes(`\`${name}\``))

/** What a database holds. */
interface Found {
  columns: readonly Column[]
  /** The rows of the ledger. */
  ledger: readonly { name: string }[]
}

type Plan = ReturnType<typeof plan>

/** Plans what leads from what a database holds to the current schema. */
export const plan = (models: Models, steps: readonly Migration[], { columns, ledger }: Found) => {
  const hasLedger = columnsOf(ledgerName, columns).length > 0
  const isApplied = ({ name }: Migration) => ledger.some((row) => row.name === name)
  const tables = Object.values(models).map((model) => {
    const name = getTableName(model)
    const changes = steps
      .map((step) => ({ ...step, statements: naming(name, step.statements) }))
      .filter(({ statements }) => statements.length > 0)
    const pending = changes.filter((step) => !isApplied(step))
    return { model, found: columnsOf(name, columns), changes, pending }
  })

  // A missing table is recreated by the applied statements that name it.
  const missing = tables.filter(({ found }) => found.length === 0)
  const repeated = new Set(missing.flatMap(({ changes }) => changes.flatMap(({ statements }) => statements)))
  const statementsOf = (step: Migration) =>
    isApplied(step) ? step.statements.filter((each) => repeated.has(each)) : step.statements
  const needed = steps.filter((step) => statementsOf(step).length > 0)

  // One that is about to be migrated is compared afterwards, unless no migration has created it: then it is another
  // program's, and may only lack what later migrations add.
  const difference = tables
    .filter(({ found, changes, pending }) => found.length > 0 && [0, changes.length].includes(pending.length))
    .map(({ model, found, pending: [, ...later] }) => {
      const added = later.flatMap(({ statements }) => statements)
      return compare(model, found, (column) => naming(column, added).length > 0)
    })
    .find((difference) => difference)

  return {
    hasLedger,
    difference,
    names: needed.map(({ name }) => name),
    statements: [
      ...(hasLedger ? [] : [createLedger]),
      ...(!hasLedger && steps.some(isApplied) ? [copyLedger] : []),
      ...needed.flatMap(statementsOf),
      ...needed.map(addToLedger),
    ],
  }
}

/** Whether the schema stays as it is. */
export const isSettled = ({ hasLedger, statements, difference }: Plan, { isFirstConnection }: SetUp) =>
  (hasLedger && !isFirstConnection) || (statements.length === 0 && !difference)

/** Reports that migrations have started, and, when they have finished, their duration. */
export const report = ({ names, difference }: Plan, { onMigration }: SetUp) => {
  if (names.length === 0 || difference) return () => {}
  const start = performance.now()
  onMigration({ event: 'started', steps: names })
  return () => onMigration({ event: 'finished', milliseconds: Math.round(performance.now() - start) })
}
