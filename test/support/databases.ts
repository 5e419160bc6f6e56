import { Database } from 'bun:sqlite'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { readConfig } from '../../src/config'
import { open, type State } from '../../src/database'
import { cleanUp } from './cleanup'
import { startPostgres } from './postgres'
import { secret } from './tokens'

export const dialects = ['SQLite', 'Postgres'] as const
export type DialectName = (typeof dialects)[number]

/** For migrations as a process runs them when it starts. */
export const atStart = { isFirstConnection: true, onMigration: () => {} }

let shared: Promise<string> | undefined

/** A server for all tests of this run: TEST_DATABASE_URL, or one of its own. */
const sharedUrl = () => {
  const given = process.env.TEST_DATABASE_URL
  if (given) return given
  shared ??= startPostgres()
  return shared
}

export const temporaryFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'todo-test-'))
  cleanUp(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const asAdmin = async (statement: string) => {
  const admin = postgres(await sharedUrl(), { max: 1, prepare: false, onnotice: () => {} })
  try {
    await admin.unsafe(statement)
  } finally {
    await admin.end({ timeout: 1 })
  }
}

let count = 0

/** The DATABASE_URL of an empty database that is removed after the test. */
export const freshDatabase = async (dialect: DialectName): Promise<string> => {
  if (dialect === 'SQLite') return `sqlite:${join(temporaryFolder(), 'todo.db')}`
  const name = `todo_test_${process.pid}_${count++}`
  await asAdmin(`CREATE DATABASE ${name}`)
  cleanUp(() => asAdmin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  const url = new URL(await sharedUrl())
  url.pathname = name
  return url.href
}

/** The database of a URL as the service opens it, once it is connected; closed after the test. */
export const openConnected = async (
  url: string,
  settings: Record<string, string> = {},
  onChange: (change: State) => void = () => {},
) => {
  const connected = Promise.withResolvers<void>()
  const { database: config } = readConfig({ DATABASE_URL: url, BETTER_AUTH_SECRET: secret, ...settings })
  const database = await open(config, (change) => {
    onChange(change)
    if (change.state === 'connected') connected.resolve()
  })
  cleanUp(database.close)
  await connected.promise
  return database
}

/** A connection of the test's own to a Postgres database. */
export const connectTo = (url: string) => {
  const sql = postgres(url, { max: 1, prepare: false, onnotice: () => {} })
  cleanUp(() => sql.end({ timeout: 1 }))
  return sql
}

/** The rows of a query of the test's own in the database of a service. */
export const rowsIn = async (url: string, query: string): Promise<Record<string, unknown>[]> => {
  if (!url.startsWith('sqlite:')) return [...(await connectTo(url).unsafe(query))]
  const database = new Database(url.replace('sqlite:', ''))
  const rows = database.query<Record<string, unknown>, []>(query).all()
  database.close()
  return rows
}

/** Runs statements of the test's own in the database of a service. */
export const tamper = async (url: string, statement: string) => {
  if (!url.startsWith('sqlite:')) return void (await connectTo(url).unsafe(statement))
  const database = new Database(url.replace('sqlite:', ''))
  database.run(statement)
  database.close()
}
