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
  try {
    while (!(await Promise.race([done, Bun.sleep(lookMs)]))) {
      watcher ??= await openWatcher()
      const isMigrating = await within(lookMs, isMigratingPostgres(watcher.sql), answerLost)
      misses = isMigrating ? 0 : misses + 1
      if (misses === maxMisses) throw answerLost()
    }
  } finally {
    watcher?.close()
    // Once nobody waits for it any more.
    done.catch(() => {})
  }
}
