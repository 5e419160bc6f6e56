import { isServerFull } from '../errors'
import { migrations } from '../migrations'
import { isMigratingPostgres, migratePostgres } from '../migrations/migrate-postgres'
import type { SetUp } from '../migrations/plan'
import { within } from '../time'
import type { Client } from './client'

/** The pause between two checks of a long migration, and the time limit of each, in milliseconds. */
const checkMs = 1000
/** How many consecutive checks may find no migration before its result counts as lost. */
const maxMisses = 3

const answerLost = () => new Error('the result of a migration was lost')

/**
 * Brings the schema up to date, however long a migration, or that of another replica, takes. Waits as long as
 * the server shows that a migration is running. Rejects when its result was lost.
 */
export const setUpSchema = async (client: Client, setUp: SetUp, openWatcher: () => Promise<Client>) => {
  const done = migratePostgres(client.sql, migrations.postgres, setUp).then(() => true)
  let watcher: Client | undefined
  let misses = 0

  const isMigrating = async () => {
    if (!watcher || watcher.isClosed) watcher = await openWatcher()
    return within(checkMs, isMigratingPostgres(watcher.sql), answerLost)
  }

  /** Checks once; returns how many checks in a row, this one included, found no migration. */
  const countMisses = async () => {
    try {
      return (await isMigrating()) ? 0 : misses + 1
    } catch (error) {
      watcher?.close()
      // A server that lacks resources is still working.
      return isServerFull(error) ? misses : misses + 1
    }
  }

  try {
    while (!(await Promise.race([done, Bun.sleep(checkMs)]))) {
      misses = await countMisses()
      if (misses === maxMisses) throw answerLost()
    }
  } finally {
    watcher?.close()
    // It may reject after nobody awaits it.
    done.catch(() => {})
  }
}
