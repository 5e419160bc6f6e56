import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { startProcess } from '../faults/support/process'
import { until } from '../faults/support/time'
import { type DialectName, dialects, freshDatabase, rowsIn, tamper } from '../support/databases'
import { root } from '../support/program'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

/** The SQL for one database, exactly as src/database/README.md shows it. */
const conversion = async (dialect: DialectName) => {
  const page = await Bun.file(`${root}/src/database/README.md`).text()
  const section = page.split('\n## Coming from the FastAPI version\n')[1]?.split('\n## ')[0]
  const [, sql] = section?.split(`\n### ${dialect}\n`)[1]?.match(/```sql\n(.*?)```/s) ?? []
  if (sql === undefined) throw new Error(`There is no SQL for ${dialect}`)
  return sql
}

/** The tables as the earlier version creates them. */
const tables = {
  Postgres: {
    tasks: `CREATE TABLE tasks (id serial PRIMARY KEY, user_id varchar NOT NULL, title varchar(200) NOT NULL,
        description varchar, completed boolean NOT NULL, created_at timestamp NOT NULL,
        updated_at timestamp NOT NULL);
      CREATE INDEX ix_tasks_user_id ON tasks (user_id);`,
    others: `CREATE TABLE conversations (id serial PRIMARY KEY, user_id varchar NOT NULL,
        created_at timestamp NOT NULL, updated_at timestamp NOT NULL);
      CREATE INDEX ix_conversations_user_id ON conversations (user_id);
      CREATE TABLE messages (id serial PRIMARY KEY, user_id varchar NOT NULL,
        conversation_id integer NOT NULL REFERENCES conversations (id), role varchar NOT NULL,
        content varchar NOT NULL, created_at timestamp NOT NULL);
      CREATE INDEX ix_messages_conversation_id ON messages (conversation_id);`,
  },
  SQLite: {
    tasks: `CREATE TABLE tasks (id INTEGER NOT NULL, user_id VARCHAR NOT NULL, title VARCHAR(200) NOT NULL,
        description VARCHAR, completed BOOLEAN NOT NULL, created_at DATETIME NOT NULL,
        updated_at DATETIME NOT NULL, PRIMARY KEY (id));
      CREATE INDEX ix_tasks_user_id ON tasks (user_id);`,
    others: `CREATE TABLE conversations (id INTEGER NOT NULL, user_id VARCHAR NOT NULL,
        created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, PRIMARY KEY (id));
      CREATE INDEX ix_conversations_user_id ON conversations (user_id);
      CREATE TABLE messages (id INTEGER NOT NULL, user_id VARCHAR NOT NULL, conversation_id INTEGER NOT NULL,
        role VARCHAR NOT NULL, content TEXT NOT NULL, created_at DATETIME NOT NULL, PRIMARY KEY (id),
        FOREIGN KEY (conversation_id) REFERENCES conversations (id));
      CREATE INDEX ix_messages_conversation_id ON messages (conversation_id);`,
  },
}

const [early, late] = ['2026-01-02 03:04:05.678', '2026-07-08 09:10:11']

/** Ids that the sequences have not reached, as a restored dump may leave them. */
const tasks = `INSERT INTO tasks (id, user_id, title, description, completed, created_at, updated_at) VALUES
    (3, 'alice', 'Plain', NULL, false, '${early}', '${late}'),
    (41, 'alice', 'Done', 'All of it', true, '${late}', '${late}'),
    (7, 'bob', 'His', '', false, '${early}', '${early}');`
const others = `INSERT INTO conversations (id, user_id, created_at, updated_at) VALUES
    (5, 'alice', '${early}', '${late}'), (50, 'bob', '${early}', '${early}');
  INSERT INTO messages (id, user_id, conversation_id, role, content, created_at) VALUES
    (11, 'alice', 5, 'user', 'Hello', '${early}'), (60, 'alice', 5, 'assistant', 'Hi', '${late}');`

const expectedTasks = [
  {
    id: 41,
    user_id: 'alice',
    title: 'Done',
    description: 'All of it',
    completed: true,
    created_at: '2026-07-08T09:10:11.000Z',
    updated_at: '2026-07-08T09:10:11.000Z',
  },
  {
    id: 3,
    user_id: 'alice',
    title: 'Plain',
    description: null,
    completed: false,
    created_at: '2026-01-02T03:04:05.678Z',
    updated_at: '2026-07-08T09:10:11.000Z',
  },
]

const countsIn = async (url: string) => {
  const count = (table: string) => `(SELECT count(*) FROM ${table}) AS ${table}`
  const [counts] = await rowsIn(url, `SELECT ${['tasks', 'conversations', 'messages'].map(count).join()}`)
  return Object.fromEntries(Object.entries(counts ?? {}).map(([table, number]) => [table, Number(number)]))
}

describe.each(dialects)('the tables of the FastAPI version on %s', (dialect) => {
  it('are left alone until the SQL of src/database/README.md converts them, and served then', async () => {
    const url = await freshDatabase(dialect)
    await tamper(url, tables[dialect].tasks + tables[dialect].others + tasks + others)
    const service = await startProcess(url)
    const [alice, bob] = [await service.as('alice'), await service.as('bob')]
    await until('it is reported', () => /table \w+, column \w+: expected .*, found /.test(service.output()))
    const answers = [await alice.get('/api/tasks'), await service.get('/health')]
    expect(answers.map(({ status }) => status)).toEqual([503, 503])

    const before = await countsIn(url)
    await tamper(url, await conversion(dialect))
    expect(await countsIn(url)).toEqual(before)
    await service.until('/health', 200)
    expect((await alice.get('/api/tasks')).body.data).toMatchObject(expectedTasks)
    expect((await alice.get('/api/tasks?completed=true')).body.data).toMatchObject(expectedTasks.slice(0, 1))
    expect((await bob.get('/api/tasks')).body.data).toMatchObject([{ id: 7, description: '' }])
    const { body: messages } = await alice.get('/api/conversations/5/messages')
    expect(messages.data).toMatchObject([
      { id: 11, role: 'user', content: 'Hello', created_at: '2026-01-02T03:04:05.678Z' },
      { id: 60, role: 'assistant', content: 'Hi', created_at: '2026-07-08T09:10:11.000Z' },
    ])

    expect((await alice.post('/api/tasks', { title: 'New' })).body).toMatchObject({
      id: 42,
      completed: false,
    })
    expect((await alice.post('/api/conversations')).body).toMatchObject({ id: 51 })
    const added = await alice.post('/api/conversations/5/messages', { role: 'user', content: 'x' })
    expect(added.body).toMatchObject({ id: 61 })
    expect((await alice.patch('/api/tasks/3', { title: 'x'.repeat(500) })).status).toBe(200)
    expect((await alice.delete('/api/conversations/5')).status).toBe(204)
    expect(await countsIn(url)).toEqual({ tasks: 4, conversations: 2, messages: 0 })
    await expect(
      tamper(
        url,
        `INSERT INTO messages (user_id, conversation_id, role, content) VALUES ('bob', 50, 'system', '')`,
      ),
    ).rejects.toThrow('messages_role_check')
  })

  it('are converted and served if there is only the one of tasks', async () => {
    const url = await freshDatabase(dialect)
    await tamper(url, tables[dialect].tasks + tasks)
    await tamper(url, await conversion(dialect))
    const service = await startService(dialect, { DATABASE_URL: url })
    const alice = await service.as('alice')
    expect((await alice.get('/api/tasks')).body.data).toMatchObject(expectedTasks)
    const { body: conversation } = await alice.post('/api/conversations')
    const path = `/api/conversations/${conversation.id}/messages`
    expect((await alice.post(path, { role: 'user', content: 'Hello' })).status).toBe(201)
  })

  it('have all indexes and rules of a new database when they are converted', async () => {
    const namesIn = async (url: string) =>
      dialect === 'SQLite'
        ? rowsIn(
            url,
            `SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' AND name LIKE '%\\_idx' ESCAPE '\\' ORDER BY name`,
          )
        : [
            ...(await rowsIn(
              url,
              `SELECT indexdef FROM pg_indexes WHERE indexname LIKE '%\\_idx' ORDER BY indexdef`,
            )),
            ...(await rowsIn(
              url,
              `SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
              WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f') ORDER BY 1, 2`,
            )),
          ]
    const [converted, fresh] = [await freshDatabase(dialect), await freshDatabase(dialect)]
    await tamper(converted, tables[dialect].tasks + tables[dialect].others + tasks + others)
    await tamper(converted, await conversion(dialect))
    for (const url of [converted, fresh]) await startService(dialect, { DATABASE_URL: url })
    expect(await namesIn(fresh)).not.toBeEmpty()
    expect(await namesIn(converted)).toEqual(await namesIn(fresh))
  })

  it('keep all their rows if one of them cannot be converted', async () => {
    const url = await freshDatabase(dialect)
    await tamper(url, tables[dialect].tasks + tables[dialect].others + tasks + others)
    await tamper(url, `UPDATE messages SET role = 'tool' WHERE id = 60`)
    const before = await rowsIn(url, 'SELECT * FROM messages')
    await expect(tamper(url, await conversion(dialect))).rejects.toThrow('messages_role_check')
    expect(await rowsIn(url, 'SELECT * FROM messages')).toEqual(before)
  })
})
