import type { Database as SQLite } from 'bun:sqlite'
import { type Migration, migrations } from '.'
import type { Column } from './compare'
import { isSettled, ledgerQuery, type Models, plan, report, type SetUp, tableList } from './plan'

/** An integer that is the whole primary key gets a value by itself, and is never null. */
const isRowId = `c.pk AND lower(c.type) = 'integer' AND max(c.pk) OVER (PARTITION BY t.name) = 1 AND NOT t.wr`

const columnsQuery = (models: Models) => `
  SELECT lower(t.name) AS "table", c.name, concat_ws(' ', lower(c.type),
    CASE WHEN c."notnull" OR (${isRowId}) THEN 'not null' END,
    CASE WHEN c.dflt_value IS NOT NULL OR c.hidden OR (${isRowId}) THEN 'with default' END) AS definition
  FROM pragma_table_list AS t JOIN pragma_table_xinfo(t.name) AS c
  WHERE t.schema = 'main' AND lower(t.name) IN (${tableList(models)})
  ORDER BY t.name, c.cid`

/**
 * Brings the schema up to date, under SQLite's write lock. Throws SchemaMismatch, or what SQLite throws: SQLITE_BUSY
 * while another process holds that lock. Then nothing has changed.
 */
export const migrateSQLite = (
  database: SQLite,
  models: Models,
  setUp: SetUp,
  steps: readonly Migration[] = migrations.sqlite,
) => {
  const look = () => {
    const columns = database.query<Column, []>(columnsQuery(models)).all()
    return plan(models, steps, columns, database.query<{ name: string }, []>(ledgerQuery(columns)).all())
  }
  if (isSettled(look(), setUp)) return
  const migrate = database.transaction(() => {
    const planned = look()
    if (planned.difference) throw planned.difference
    const finish = report(planned, setUp)
    for (const statement of planned.statements) database.run(statement)
    const { difference } = look()
    if (difference) throw difference
    return finish
  })
  // A migration of SQLite may replace a table, and dropping the old one would delete the rows that refer to
  // it. Inside a transaction this pragma has no effect.
  database.run('PRAGMA foreign_keys = OFF')
  try {
    migrate.immediate()()
  } finally {
    database.run('PRAGMA foreign_keys = ON')
  }
}
