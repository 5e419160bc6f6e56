import { Database, type SQLQueryBindings } from 'bun:sqlite'
import postgres from 'postgres'
import { migratePostgres } from '../../../src/database/migrations/migrate-postgres'
import { migrateSQLite } from '../../../src/database/migrations/migrate-sqlite'
import { defineModels } from '../../../src/models'
import { postgres as postgresDialect } from '../../../src/models/dialects/postgres'
import { sqlite } from '../../../src/models/dialects/sqlite'

export type Dialect = 'sqlite' | 'postgres'
type Parameter = string | number | boolean

const atStart = { isFirstConnection: true, onMigration: () => {} }

/** A connection beside those of the server, to insert and inspect rows. */
export interface AdminConnection {
  run<Row = unknown>(sql: string, ...parameters: Parameter[]): Promise<Row[]>
  close(): Promise<void>
}

/** Opens a database on one connection and gives it the service's schema. */
export const openAdminConnection = async (url: string): Promise<AdminConnection> => {
  if (url.startsWith('postgres:')) return openPostgres(url)
  const database = new Database(url.replace('sqlite:', ''), { create: true })
  database.run('PRAGMA journal_mode = WAL')
  migrateSQLite(database, defineModels(sqlite), atStart)
  return {
    run: async <Row>(sql: string, ...parameters: Parameter[]) =>
      database.query<Row, SQLQueryBindings[]>(sql).all(...parameters),
    close: async () => database.close(),
  }
}

const openPostgres = async (url: string): Promise<AdminConnection> => {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  await migratePostgres(client, defineModels(postgresDialect), atStart)
  return {
    run: async <Row>(sql: string, ...parameters: Parameter[]) => [
      ...(await client.unsafe<(Row & object)[]>(sql, parameters)),
    ],
    close: () => client.end({ timeout: 1 }),
  }
}
