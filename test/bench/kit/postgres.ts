import { join } from 'node:path'
import postgres from 'postgres'
import { endWithoutPostgres, initdb, openFolder, temporary } from '../../support/installation'
import { serve } from '../../support/postgres'
import { freePort } from './servers'

/** A Postgres of its own with the settings it is shipped with, until this program ends. */
export const startPostgres = async () => {
  const data = join(openFolder(temporary), 'data')
  initdb(data)
  const port = freePort()
  await serve(data, port).ready.catch(endWithoutPostgres)
  const urlOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`

  return {
    /** Creates an empty database and returns its URL. */
    async createDatabase(name: string) {
      const admin = postgres(urlOf('postgres'), { max: 1 })
      await admin`CREATE DATABASE ${admin(name)}`
      await admin.end()
      return urlOf(name)
    },
  }
}
