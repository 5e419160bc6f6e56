import postgresInitial from './postgres/0000_initial.sql' with { type: 'text' }
import sqliteInitial from './sqlite/0000_initial.sql' with { type: 'text' }

export interface Migration {
  name: string
  sql: string
}

/** The steps from an empty database to the models, oldest first, as text inside the program. */
export const migrations: Record<'postgres' | 'sqlite', readonly Migration[]> = {
  postgres: [{ name: '0000_initial', sql: postgresInitial }],
  sqlite: [{ name: '0000_initial', sql: sqliteInitial }],
}

/** drizzle-kit's mark between the statements of one migration. */
export const statementsOf = ({ sql }: Migration): string[] => sql.split('--> statement-breakpoint')
