import { join } from 'node:path'
import { makeFolder } from './cleanup'
import type { Dialect } from './databases'
import { startPostgres } from './postgres'

/** Where fresh databases of one kind come from: files in a new folder, or a Postgres of its own. */
export const stage = async (dialect: Dialect): Promise<(name: string) => Promise<string>> => {
  if (dialect === 'postgres') return (await startPostgres()).createDatabase
  const folder = makeFolder()
  return async (name) => `sqlite:${join(folder, `${name}.db`)}`
}
