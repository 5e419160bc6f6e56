import { join } from 'node:path'
import { makeFolder } from './cleanup'
import type { Dialect } from './databases'
import { startPostgres } from './postgres'

/** Returns a function that creates empty databases: files in a new folder, or databases of a new Postgres. */
export const databaseFactory = async (dialect: Dialect): Promise<(name: string) => Promise<string>> => {
  if (dialect === 'postgres') return (await startPostgres()).createDatabase
  const folder = makeFolder()
  return async (name) => `sqlite:${join(folder, `${name}.db`)}`
}
