import { Database } from 'bun:sqlite'
import { describe, expect, it } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { createGroupCommit } from '../../src/database/sqlite/group-commit'
import { plainStatement, type Row } from '../../src/database/statement'
import { cleanUp } from '../support/cleanup'
import { freshDatabase, openConnected, temporaryFolder } from '../support/databases'

/** https://www.sqlite.org/fileformat2.html#walformat: a frame that commits holds the size of the file. */
const commitsIn = (log: Buffer) => {
  const frame = 24 + log.readUInt32BE(8)
  let commits = 0
  for (let at = 32; at < log.length; at += frame) if (log.readUInt32BE(at + 4) > 0) commits++
  return commits
}

/** A service's database, a way to add tasks to it, and somebody else's look at the same file. */
const prepareWrites = async () => {
  const url = await freshDatabase('SQLite')
  const database = await openConnected(url)
  const insert = database.dialect
    .queryBuilder()
    .insert(database.models.tasks)
    .values({ user_id: 'alice', title: sql.placeholder('title') })
    .returning()
  const prepared = database.prepare(insert, null)
  const path = url.replace('sqlite:', '')
  const other = new Database(path)
  cleanUp(() => other.close())
  const titles = () => other.query<{ title: string }, []>('SELECT title FROM tasks ORDER BY id').all()
  return {
    add: async (title: string) => (await prepared({ title }, database.deadline()))[0]?.title,
    close: database.close,
    other,
    stored: () => titles().map(({ title }) => title),
    commits: () => commitsIn(readFileSync(`${path}-wal`)),
  }
}

describe('writes to SQLite at one moment', () => {
  it('are committed before they are acknowledged, and each returns its own row', async () => {
    const { add, stored } = await prepareWrites()
    const seen = await Promise.all(
      ['one', 'two', 'three'].map(async (title) => [await add(title), stored().includes(title)]),
    )
    expect(seen).toEqual([
      ['one', true],
      ['two', true],
      ['three', true],
    ])
  })

  it('share one commit', async () => {
    const { add, commits } = await prepareWrites()
    const before = commits()
    // Requests that arrive together get this far after different numbers of promises.
    const addLater = async (title: string, promises: number) => {
      for (let count = 0; count < promises; count++) await undefined
      return add(title)
    }
    await Promise.all(['one', 'two', 'three'].map(addLater))
    expect(commits()).toBe(before + 1)
  })

  it('are committed before the file is closed', async () => {
    const { add, close, stored } = await prepareWrites()
    const adding = Promise.all(['one', 'two'].map(add))
    await close()
    expect(await adding).toEqual(['one', 'two'])
    expect(stored()).toEqual(['one', 'two'])
  })

  it.each([1, 2])('are committed though a transaction was left open, %d of them', async (count) => {
    const path = join(temporaryFolder(), 'file.db')
    const database = new Database(path)
    database.run('PRAGMA journal_mode = WAL')
    database.run('CREATE TABLE numbers (number)')
    const insert = plainStatement('INSERT INTO numbers VALUES (1)')
    const commit = createGroupCommit(database, (statement) => database.query<Row, []>(statement.sql).all())
    database.run('BEGIN')
    await Promise.all(Array.from({ length: count }, () => commit(insert, {})))
    const other = new Database(path)
    expect(other.query('SELECT number FROM numbers').all()).toHaveLength(count)
    other.close()
    database.close()
  })

  it.each([
    ['statement', "SELECT RAISE(ABORT, 'refused')"],
    ['statement, which ends the transaction', "SELECT RAISE(ROLLBACK, 'refused')"],
    ['commit', 'INSERT INTO orphans VALUES (-1)'],
  ])('do not fail for one that is refused by its %s', async (_, refusal) => {
    const { add, other, stored } = await prepareWrites()
    other.run('CREATE TABLE orphans (task REFERENCES tasks (id) DEFERRABLE INITIALLY DEFERRED)')
    other.run(`CREATE TRIGGER refuse AFTER INSERT ON tasks WHEN new.title = 'refused' BEGIN ${refusal}; END`)
    const answers = await Promise.allSettled(['one', 'refused', 'three'].map(add))
    expect(answers).toMatchObject([
      { status: 'fulfilled', value: 'one' },
      { status: 'rejected' },
      { status: 'fulfilled', value: 'three' },
    ])
    expect(stored()).toEqual(['one', 'three'])
  })
})
