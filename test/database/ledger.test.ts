import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { dialects, freshDatabase, rowsIn, tamper } from '../support/databases'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

/** Tables that other programs keep their migrations in, with what they hold. */
const others = {
  'Rails and dbmate': `CREATE TABLE schema_migrations (version varchar(255) PRIMARY KEY);
    INSERT INTO schema_migrations VALUES ('20260101000000')`,
  'golang-migrate': `CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);
    INSERT INTO schema_migrations VALUES (3, false)`,
  'a program with more columns': `CREATE TABLE schema_migrations (name text PRIMARY KEY, applied_at text, batch integer);
    INSERT INTO schema_migrations VALUES ('0000_initial', 'today', 1)`,
  'a program with the columns of this service': `CREATE TABLE schema_migrations (name varchar(255) PRIMARY KEY, applied_at timestamp NOT NULL);
    INSERT INTO schema_migrations VALUES ('create_users', '2026-01-02 03:04:05')`,
}

const ledger = 'SELECT * FROM todo_backend_migrations ORDER BY name'
const former = 'SELECT * FROM schema_migrations'

describe.each(dialects)('a table schema_migrations on %s', (dialect) => {
  it.each(Object.entries(others))('of %s is left alone', async (_, statements) => {
    const url = await freshDatabase(dialect)
    await tamper(url, statements)
    const before = await rowsIn(url, former)
    const service = await startService(dialect, { DATABASE_URL: url })
    expect((await (await service.as('alice')).post('/api/tasks', { title: 'x' })).status).toBe(201)
    expect(await rowsIn(url, former)).toEqual(before)
    expect(await rowsIn(url, ledger)).not.toContainEqual(expect.objectContaining({ name: 'create_users' }))
  })

  /** A database as an earlier version leaves it, with a task. */
  const earlierDatabase = async () => {
    const url = await freshDatabase(dialect)
    const service = await startService(dialect, { DATABASE_URL: url })
    await (await service.as('alice')).post('/api/tasks', { title: 'Kept' })
    await service.stop()
    await tamper(url, 'ALTER TABLE todo_backend_migrations RENAME TO schema_migrations')
    await tamper(url, `UPDATE schema_migrations SET applied_at = '2026-01-02T03:04:05Z'`)
    return url
  }

  it('of an earlier version is taken over once, and its migrations are not applied again', async () => {
    const url = await earlierDatabase()
    const before = await rowsIn(url, former)
    expect(before).not.toBeEmpty()
    // A migration that is applied again would create it.
    await tamper(url, 'DROP INDEX tasks_user_id_completed_idx')
    for (let start = 0; start < 2; start++) {
      const service = await startService(dialect, { DATABASE_URL: url })
      const { body } = await (await service.as('alice')).get('/api/tasks')
      expect(body.data).toMatchObject([{ title: 'Kept' }])
      await service.stop()
      expect(await rowsIn(url, ledger)).toEqual(before)
      await expect(tamper(url, 'DROP INDEX tasks_user_id_completed_idx')).rejects.toThrow()
      // The next start must not copy this one.
      await tamper(
        url,
        `INSERT INTO schema_migrations VALUES ('9999_later_${start}', '2026-01-03T03:04:05Z')`,
      )
    }
    expect(await rowsIn(url, former)).toHaveLength(before.length + 2)
  })

  it('of an earlier version does not keep a missing table from being recreated', async () => {
    const url = await earlierDatabase()
    await tamper(url, 'DROP TABLE tasks')
    const service = await startService(dialect, { DATABASE_URL: url })
    expect((await (await service.as('alice')).post('/api/tasks', { title: 'New' })).status).toBe(201)
  })
})
