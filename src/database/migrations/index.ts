import postgresInitial from './postgres/0000_initial.sql' with { type: 'text' }
import sqliteInitial from './sqlite/0000_initial.sql' with { type: 'text' }

export interface Migration {
  name: string
  sql: string
  /**
   * The tables that it makes or changes: where one of them is gone, the step is taken again. So a
   * step names one table alone, or does no harm where the others are there; and a step that drops or
   * renames a table takes its name from all before.
   */
  tables: readonly string[]
}

const initial = { name: '0000_initial', tables: ['tasks', 'conversations', 'messages'] }

/** The steps from an empty database to the models, oldest first, as text inside the program. */
export const migrations: Record<'postgres' | 'sqlite', readonly Migration[]> = {
  postgres: [{ ...initial, sql: postgresInitial }],
  sqlite: [{ ...initial, sql: sqliteInitial }],
}

/** drizzle-kit's mark between the statements of one migration. */
export const statementsOf = ({ sql }: Migration): string[] => sql.split('--> statement-breakpoint')
