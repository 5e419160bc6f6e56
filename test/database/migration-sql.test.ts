import { Database } from 'bun:sqlite'
import { describe, expect, it } from 'bun:test'
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api'
import { sql } from 'drizzle-orm'
import { preserveRows, toText, unusableColumn } from '../../src/commands/migration-sql'
import { migrations, toMigration } from '../../src/database/migrations'
import { migrateSQLite } from '../../src/database/migrations/apply'
import { defineModels } from '../../src/models'
import { sqlite } from '../../src/models/dialects/sqlite'

const columns = () => ({
  id: sqlite.id(),
  user_id: sqlite.text().notNull(),
  created_at: sqlite.timestamp().notNull().default(sqlite.now),
  updated_at: sqlite.timestamp().notNull().default(sqlite.now),
})

/** A column with a rule, for which SQLite replaces the table to which messages refer. */
const conversations = sqlite.table(
  'conversations',
  { ...columns(), mood: sqlite.text().notNull().default('calm') },
  (t) => [
    sqlite.index('conversations_user_id_idx').on(t.user_id),
    sqlite.check('conversations_mood_check', sql`${t.mood} in ('calm', 'excited')`),
  ],
)

const snapshotWith = (changed: Record<string, unknown>) =>
  generateSQLiteDrizzleJson({ ...defineModels(sqlite), ...changed })

/** The step from the models of today to those, as `bun run migration` writes it. */
const stepTo = async (changed: Record<string, unknown>) => {
  const [from, to] = [await snapshotWith({}), await snapshotWith(changed)]
  const statements = preserveRows(await generateSQLiteMigration(from, to), from, to)
  return toMigration('9999_changed', toText(statements))
}

describe('a migration that replaces a table on SQLite', () => {
  it('keeps its rows, what refers to them, and the ids that were in use', async () => {
    const database = new Database(':memory:', { strict: true })
    database.run('PRAGMA foreign_keys = ON')
    migrateSQLite(database)
    database.run(`INSERT INTO conversations (id, user_id) VALUES (1, 'alice'), (7, 'alice')`)
    database.run(
      `INSERT INTO messages (user_id, conversation_id, role, content) VALUES ('alice', 1, 'user', 'x')`,
    )
    database.run('DELETE FROM conversations WHERE id = 7')

    migrateSQLite(database, [...migrations.sqlite, await stepTo({ conversations })])

    const all = (statement: string) => database.query<Record<string, unknown>, []>(statement).all()
    expect(all('SELECT id, mood FROM conversations')).toEqual([{ id: 1, mood: 'calm' }])
    expect(all('SELECT conversation_id, content FROM messages')).toEqual([
      { conversation_id: 1, content: 'x' },
    ])
    expect(all(`INSERT INTO conversations (user_id) VALUES ('alice') RETURNING id`)).toEqual([{ id: 8 }])
    expect(() => database.run(`UPDATE conversations SET mood = 'none'`)).toThrow('conversations_mood_check')
    database.run('DELETE FROM conversations WHERE id = 1')
    expect(all('SELECT * FROM messages')).toEqual([])
  })

  it('is applied again if the table is missing', async () => {
    const database = new Database(':memory:', { strict: true })
    const steps = [...migrations.sqlite, await stepTo({ conversations })]
    migrateSQLite(database, steps)
    database.run('DROP TABLE conversations')
    migrateSQLite(database, steps)
    database.run(`INSERT INTO conversations (user_id) VALUES ('alice')`)
    expect(database.query('SELECT mood FROM conversations').all()).toEqual([{ mood: 'calm' }])
  })
})

describe('a migration on SQLite', () => {
  const title = sqlite.text().notNull()
  const completed = sqlite.boolean().notNull().default(false)

  it('that removes a column keeps what is left of the rows', async () => {
    const tasks = sqlite.table('tasks', { ...columns(), title, completed }, (t) => [
      sqlite.check('tasks_title_check', sql`${t.title} <> ''`),
    ])
    const database = new Database(':memory:', { strict: true })
    migrateSQLite(database)
    database.run(`INSERT INTO tasks (user_id, title, description) VALUES ('alice', 'Milk', 'Two litres')`)
    migrateSQLite(database, [...migrations.sqlite, await stepTo({ tasks })])
    const found = database.query<Record<string, unknown>, []>('SELECT * FROM tasks').all()
    expect(found).toMatchObject([{ id: 1, user_id: 'alice', title: 'Milk', completed: 0 }])
    expect(found[0]).not.toHaveProperty('description')
  })

  it('that drops an index does not prevent that a missing table is created again', async () => {
    const withoutIndexes = sqlite.table('tasks', {
      ...columns(),
      title,
      completed,
      description: sqlite.text(),
    })
    const database = new Database(':memory:', { strict: true })
    const steps = [...migrations.sqlite, await stepTo({ tasks: withoutIndexes })]
    migrateSQLite(database, steps)
    database.run('DROP TABLE conversations')
    migrateSQLite(database, steps)
    expect(database.query('SELECT * FROM conversations').all()).toEqual([])
  })
})

describe('a new column', () => {
  it.each([
    ['has a default', sqlite.text().notNull().default('calm'), undefined],
    ['allows null', sqlite.timestamp(), undefined],
    ['has no default', sqlite.text().notNull(), 'conversations.mood'],
    ['has an expression as its default', sqlite.timestamp().default(sqlite.now), 'conversations.mood'],
  ])('that %s can be added to rows, or is named', async (_, mood, unusable) => {
    const changed = sqlite.table('conversations', { ...columns(), mood: mood as never })
    expect(unusableColumn(await snapshotWith({}), await snapshotWith({ conversations: changed }))).toBe(
      unusable,
    )
  })
})
