import { cleanUp } from '../../support/cleanup'
import { connectTo, freshDatabase } from '../../support/databases'

let count = 0

/**
 * A fresh Postgres database that a role of its own owns, which is no superuser: its URL for the service,
 * and a superuser's connection to it.
 */
export const freshOwnedDatabase = async () => {
  const name = `owner_${process.pid}_${count++}`
  const dropped: (() => Promise<unknown>)[] = []
  // Registered before the database's own, so that it runs after that: a role that owns something stays.
  cleanUp(() => Promise.all(dropped.map((drop) => drop())))
  const url = await freshDatabase('Postgres')
  const admin = connectTo(url)
  await admin.unsafe(`
    CREATE ROLE ${name} LOGIN PASSWORD 'owner';
    ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO ${name}`)
  const server = new URL(url)
  server.pathname = 'postgres'
  dropped.push(async () => {
    const other = connectTo(server.href)
    await other.unsafe(`DROP ROLE ${name}`)
    await other.end({ timeout: 1 })
  })
  const own = new URL(url)
  own.username = name
  own.password = 'owner'
  return { url: own.href, role: name, admin }
}
