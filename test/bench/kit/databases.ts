import { Database, type SQLQueryBindings } from 'bun:sqlite'
import postgres from 'postgres'
import { migratePostgres, migrateSQLite } from '../../../src/database/migrations/apply'

export type Dialect = 'sqlite' | 'postgres'
type Parameter = string | number | boolean

/** A database seen from the side, to fill it and to look into it. */
export interface Side {
  run<Row = unknown>(sql: string, ...parameters: Parameter[]): Promise<Row[]>
  close(): Promise<void>
}

/** Opens a database on one connection and gives it the service's schema. */
export const openSide = async (url: string): Promise<Side> => {
  if (url.startsWith('postgres:')) return openPostgres(url)
  const database = new Database(url.replace('sqlite:', ''), { create: true })
  database.run('PRAGMA journal_mode = WAL')
  migrateSQLite(database)
  return {
    run: async <Row>(sql: string, ...parameters: Parameter[]) =>
      database.query<Row, SQLQueryBindings[]>(sql).all(...parameters),
    close: async () => database.close(),
  }
}

const openPostgres = async (url: string): Promise<Side> => {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  await migratePostgres(client)
  return {
    run: async <Row>(sql: string, ...parameters: Parameter[]) => [
      ...(await client.unsafe<(Row & object)[]>(sql, parameters)),
    ],
    close: () => client.end({ timeout: 1 }),
  }
}
