import { Database } from 'bun:sqlite'
import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { getTableName } from 'drizzle-orm'
import { defineModels } from '../../src/models'
import { type Dialect, postgres } from '../../src/models/dialects/postgres'
import { sqlite } from '../../src/models/dialects/sqlite'
import { connectTo, freshDatabase } from '../support/databases'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

const sqliteTime = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

/** The columns that the specification demands: name, type, nullable, default. There may be others. */
const postgresColumns = {
  conversations: [
    'id bigint NO',
    'user_id text NO',
    'created_at timestamptz NO now()',
    'updated_at timestamptz NO now()',
  ],
  messages: [
    'id bigint NO',
    'user_id text NO',
    'conversation_id bigint NO',
    'role text NO',
    'content text NO',
    'created_at timestamptz NO now()',
  ],
  tasks: [
    'id bigint NO',
    'user_id text NO',
    'title text NO',
    'description text YES',
    'completed boolean NO false',
    'created_at timestamptz NO now()',
    'updated_at timestamptz NO now()',
  ],
}

const sqliteColumns = Object.fromEntries(
  Object.entries(postgresColumns).map(([table, columns]) => [
    table,
    columns.map((column) =>
      column
        .replace('bigint', 'integer')
        .replace('boolean', 'integer')
        .replace('timestamptz NO now()', `text NO ${sqliteTime}`),
    ),
  ]),
)

const tablesOf = (dialect: Dialect) => Object.values(defineModels(dialect)).map(getTableName)

describe('the schema on Postgres', () => {
  it('is the one of the specification', async () => {
    const url = await freshDatabase('Postgres')
    await startService('Postgres', { DATABASE_URL: url })
    const sql = connectTo(url)
    const columns = await sql<{ table_name: string; definition: string }[]>`
      SELECT table_name, concat_ws(' ', column_name, replace(data_type, 'timestamp with time zone', 'timestamptz'),
        is_nullable, column_default) AS definition
      FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'todo_backend_migrations'
      ORDER BY table_name, ordinal_position`
    for (const [table, definitions] of Object.entries(postgresColumns))
      expect(
        columns.filter(({ table_name }) => table_name === table).map(({ definition }) => definition),
      ).toEqual(expect.arrayContaining(definitions))
    const indexes = await sql<{ name: string; keys: string }[]>`
      SELECT indexname AS name, substring(indexdef from '\\((.*)\\)') AS keys FROM pg_indexes
      WHERE schemaname = 'public' AND indexname LIKE '%_idx' ORDER BY indexname`
    const found = indexes.map(({ name, keys }) => `${name}: ${keys}`)
    expect(found).toEqual(
      expect.arrayContaining([
        'conversations_user_id_idx: user_id',
        'conversations_user_id_page_idx: user_id, ((id + 0))',
        'messages_conversation_id_user_id_page_idx: conversation_id, user_id, ((id + 0))',
        'messages_user_id_idx: user_id',
        'tasks_user_id_completed_idx: user_id, completed',
        'tasks_user_id_completed_page_idx: user_id, completed, ((id + 0))',
        'tasks_user_id_idx: user_id',
        'tasks_user_id_page_idx: user_id, ((id + 0))',
      ]),
    )
    for (const table of tablesOf(postgres))
      expect(
        found.filter((index) => index.startsWith(`${table}_`) && index.includes(': user_id')),
      ).not.toBeEmpty()
  })

  it('keeps rows whole that are inserted by hand, and refuses broken ones', async () => {
    const url = await freshDatabase('Postgres')
    const service = await startService('Postgres', { DATABASE_URL: url })
    const sql = connectTo(url)
    await sql`INSERT INTO tasks (user_id, title) VALUES ('alice', 'By hand')`
    const { body } = await (await service.as('alice')).get('/api/tasks')
    expect(body.data).toMatchObject([{ title: 'By hand', description: null, completed: false }])
    const codeOf = (statement: string) => sql.unsafe(statement).then(String, ({ code }) => code)
    const orphan = `INSERT INTO messages (user_id, conversation_id, role, content) VALUES ('alice', 1, 'user', 'x')`
    expect(await codeOf(orphan)).toBe('23503')
    await sql`INSERT INTO conversations (user_id) VALUES ('alice')`
    expect(await codeOf(orphan.replace("'user'", "'system'"))).toBe('23514')
  })
})

describe('the schema on SQLite', () => {
  const openFile = async () => {
    const url = await freshDatabase('SQLite')
    await startService('SQLite', { DATABASE_URL: url })
    const database = new Database(url.replace('sqlite:', ''))
    database.run('PRAGMA foreign_keys = ON')
    return database
  }

  it('is the one of the specification', async () => {
    const database = await openFile()
    const columnsOf = (table: string) =>
      database
        .query<{ name: string; type: string; notnull: number; dflt_value: string | null }, []>(
          `PRAGMA table_info(${table})`,
        )
        .all()
        .map(({ name, type, notnull, dflt_value }) =>
          [name, type.toLowerCase(), notnull ? 'NO' : 'YES', dflt_value]
            .filter((part) => part !== null)
            .join(' '),
        )
    for (const [table, columns] of Object.entries(sqliteColumns))
      expect(columnsOf(table)).toEqual(expect.arrayContaining(columns))
    const indexes = database
      .query<{ sql: string }, []>(
        `SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`,
      )
      .all()
      .map(({ sql }) => sql.replace('CREATE INDEX ', '').replaceAll('`', ''))
    expect(indexes).toEqual(
      expect.arrayContaining([
        'conversations_user_id_idx ON conversations (user_id)',
        'messages_conversation_id_user_id_page_idx ON messages (conversation_id,user_id)',
        'messages_user_id_idx ON messages (user_id)',
        'tasks_user_id_completed_idx ON tasks (user_id,completed)',
        'tasks_user_id_idx ON tasks (user_id)',
      ]),
    )
    for (const table of tablesOf(sqlite))
      expect(indexes.filter((index) => index.includes(` ON ${table} (user_id`))).not.toBeEmpty()
    expect(database.query('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  })

  it('refuses orphans and roles that are none', async () => {
    const database = await openFile()
    const codeOf = (statement: string) => {
      try {
        database.run(statement)
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    const orphan = `INSERT INTO messages (user_id, conversation_id, role, content) VALUES ('alice', 1, 'user', 'x')`
    expect(codeOf(orphan)).toBe('SQLITE_CONSTRAINT_FOREIGNKEY')
    database.run(`INSERT INTO conversations (user_id) VALUES ('alice')`)
    expect(codeOf(orphan.replace("'user'", "'system'"))).toBe('SQLITE_CONSTRAINT_CHECK')
  })
})
