import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { dialects, freshDatabase, tamper } from '../support/databases'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

/** A conversation that is removed between the two statements that add a message. */
const removeInBetween = {
  SQLite: `CREATE TRIGGER gone BEFORE INSERT ON messages BEGIN DELETE FROM conversations; END`,
  Postgres: `
    CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN DELETE FROM conversations; RETURN NEW; END $$;
    CREATE TRIGGER gone BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION gone()`,
}

describe.each(dialects)('errors on %s', (dialect) => {
  it('that are unexpected reveal nothing to the client', async () => {
    const url = await freshDatabase(dialect)
    const service = await startService(dialect, { DATABASE_URL: url, LOG_LEVEL: 'error' })
    const alice = await service.as('alice')
    await tamper(url, 'ALTER TABLE tasks DROP COLUMN description')
    const { status, body } = await alice.post('/api/tasks', { title: 'a secret title' })
    expect({ status, body }).toEqual({
      status: 500,
      body: {
        type: 'about:blank',
        title: 'Internal Server Error',
        status: 500,
        detail: 'Something went wrong on our side. It has been logged.',
      },
    })
    expect((await service.get('/health')).status).toBe(200)
  })

  it('are a 404 for a message whose conversation is deleted at the same moment', async () => {
    const url = await freshDatabase(dialect)
    const service = await startService(dialect, { DATABASE_URL: url })
    const alice = await service.as('alice')
    const { body: conversation } = await alice.post('/api/conversations')
    await tamper(url, removeInBetween[dialect])
    const path = `/api/conversations/${conversation.id}/messages`
    expect((await alice.post(path, { role: 'user', content: 'Hello?' })).status).toBe(404)
  })
})
