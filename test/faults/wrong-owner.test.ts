import { describe, expect, it } from 'bun:test'
import { connectTo, freshDatabase } from '../support/databases'
import { startServing } from './support/process'
import { until } from './support/time'

/** Has the database write Bob's name where the service wrote Alice's. */
const renameOwner = `
  CREATE FUNCTION rename_owner() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.user_id := 'bob'; RETURN NEW; END $$`

const triggers = {
  'a task that is added': { table: 'tasks', event: 'INSERT' },
  'a task that is changed': { table: 'tasks', event: 'UPDATE' },
  'a conversation that is added': { table: 'conversations', event: 'INSERT' },
  'a message that is added': { table: 'messages', event: 'INSERT' },
}

describe('a row of another user', () => {
  it('is not sent, whichever statement returns it, and closes its connection', async () => {
    const url = await freshDatabase('Postgres')
    const service = await startServing(url, { DATABASE_POOL_MAX: '1' })
    const alice = await service.as('alice')
    const admin = connectTo(url)
    await admin.unsafe(renameOwner)
    const { body: task } = await alice.post('/api/tasks', { title: 'own' })
    const { body: conversation } = await alice.post('/api/conversations')
    const messages = `/api/conversations/${conversation.id}/messages`
    const requests: Record<keyof typeof triggers, () => ReturnType<typeof alice.get>> = {
      'a task that is added': () => alice.post('/api/tasks', { title: 'renamed' }),
      'a task that is changed': () => alice.patch(`/api/tasks/${task.id}`, { title: 'renamed' }),
      'a conversation that is added': () => alice.post('/api/conversations'),
      'a message that is added': () => alice.post(messages, { role: 'user', content: 'Hello' }),
    }
    /** The connection of the pool; that for pings has never run a statement on a table. */
    const connections = async () => {
      const found = await admin`
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%user_id%'`
      return found.map(({ pid }) => pid)
    }
    for (const [name, { table, event }] of Object.entries(triggers)) {
      await alice.get('/api/tasks')
      const [used] = await connections()
      await admin.unsafe(
        `CREATE TRIGGER rename BEFORE ${event} ON ${table} FOR EACH ROW EXECUTE FUNCTION rename_owner()`,
      )
      const before = service.unexpectedOutput.length
      const { status, body } = await requests[name as keyof typeof triggers]()
      expect([name, status]).toEqual([name, 500])
      expect(JSON.stringify(body)).not.toContain('bob')
      await until('its connection is closed', async () => !(await connections()).includes(used))
      const logged = () => service.unexpectedOutput.slice(before).join('\n')
      await until('it is logged', () => logged() !== '')
      expect(logged()).toMatch(
        /^\S+ error unexpected error .*status=500 .*A row of another user_id came back/,
      )
      expect(logged()).not.toContain('bob')
      await admin.unsafe(`DROP TRIGGER rename ON ${table}`)
      // What belongs to whom was changed by the trigger, too.
      await admin.unsafe(`UPDATE tasks SET user_id = 'alice'; UPDATE conversations SET user_id = 'alice'`)
      expect((await alice.get('/api/tasks')).status).toBe(200)
    }
    expect((await service.get('/health')).status).toBe(200)
  }, 30_000)
})
