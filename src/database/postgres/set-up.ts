import { isServerFull } from '../errors'
import { migrations } from '../migrations'
import { isMigratingPostgres, migratePostgres, type SetUp } from '../migrations/apply'
import { within } from '../time'
import type { Client } from './client'

/** How often a migration that takes long is looked at, in milliseconds. */
const lookMs = 1000
/** How many looks in a row may find no migration before its answer counts as lost. */
const maxMisses = 3

const answerLost = () => new Error('the answer to a migration was lost')

/**
 * Brings the schema up to date, however long a migration, or that of another replica, takes. As long
 * as the server shows that somebody is migrating, this waits; rejects once the answer is lost.
 */
export const setUpSchema = async (control: Client, setUp: SetUp, openWatcher: () => Promise<Client>) => {
  const done = migratePostgres(control.sql, migrations.postgres, setUp).then(() => true)
  let watcher: Client | undefined
  let misses = 0

  const isMigrating = async () => {
    if (!watcher || watcher.isClosed) watcher = await openWatcher()
    return within(lookMs, isMigratingPostgres(watcher.sql), answerLost)
  }

  /** How many looks in a row have found no migration, after one more. */
  const look = async () => {
    try {
      return (await isMigrating()) ? 0 : misses + 1
    } catch (error) {
      watcher?.close()
      // A server that has no room for another connection still works.
      return isServerFull(error) ? misses : misses + 1
    }
  }

  try {
    while (!(await Promise.race([done, Bun.sleep(lookMs)]))) {
      misses = await look()
      if (misses === maxMisses) throw answerLost()
    }
  } finally {
    watcher?.close()
    // Once nobody waits for it any more.
    done.catch(() => {})
  }
}
