import { expect } from 'bun:test'
import type { Client } from '../../support/client'
import { startServing } from './process'
import { freshOwnedDatabase } from './roles'

/** A name so long that the rows which bear it fill the server's buffer, and so arrive before the error. */
const alice = `alice${'x'.repeat(250)}`
const long = 'y'.repeat(5000)

const counts = { tasks: 8, messages: 8, conversations: 61 }
type Table = keyof typeof counts

export interface Fault {
  /** What ends the statement once some of its rows have been sent, in PL/pgSQL. */
  sql: string
  /** The status of the request whose statement it is. */
  status: number
  environment?: Record<string, string>
  statementTimeout?: string
}

/** Has every SELECT of Alice's rows fail at the row whose key is in `trap`. */
const setTraps = (role: string, { sql, statementTimeout = '0' }: Fault) => `
  CREATE TABLE trap (id bigint);
  CREATE FUNCTION stumble(owner text, id bigint) RETURNS boolean SECURITY DEFINER LANGUAGE plpgsql AS $$
    BEGIN
      IF owner LIKE 'alice%' AND EXISTS (SELECT FROM trap WHERE trap.id = stumble.id) THEN ${sql}; END IF;
      RETURN true;
    END $$;
  ${Object.keys(counts)
    .map(
      (table) => `
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY allow ON ${table} USING (true);
        CREATE POLICY stumble ON ${table} AS RESTRICTIVE FOR SELECT USING (stumble(user_id, id));`,
    )
    .join('\n')}
  ALTER ROLE ${role} SET statement_timeout = '${statementTimeout}';
  ${['sort', 'seqscan', 'bitmapscan'].map((name) => `ALTER ROLE ${role} SET enable_${name} = off;`).join('\n')}`

const fill = async (client: Client): Promise<Record<Table, string>> => {
  const { body: conversation } = await client.post('/api/conversations')
  const messages = `/api/conversations/${conversation.id}/messages`
  const add = async () => {
    await client.post('/api/tasks', { title: 'own', description: long })
    await client.post(messages, { role: 'user', content: long })
  }
  await Promise.all(Array.from({ length: counts.tasks }, add))
  const others = Array.from({ length: counts.conversations - 1 }, () => client.post('/api/conversations'))
  await Promise.all(others)
  return { tasks: '/api/tasks', messages, conversations: '/api/conversations' }
}

/**
 * A service with one connection, Bob's client for it, and what has Alice's list of a table fail at its
 * last row but one, so that most of the others have been sent.
 */
export const prepareFailingLists = async (fault: Fault) => {
  const { url, role, admin } = await freshOwnedDatabase()
  const before = await startServing(url)
  const paths = await fill(await before.as(alice))
  const own = await fill(await before.as('bob'))
  await admin.unsafe(setTraps(role, fault))
  // The settings of a role hold for connections that are opened from now on.
  const service = await startServing(url, { DATABASE_POOL_MAX: '1', ...fault.environment })
  const [victim, bob] = await Promise.all([service.as(alice), service.as('bob')])
  const list = (table: Table) => victim.get(`${paths[table]}?limit=100`)

  const failLists = async (table: Table) => {
    await admin.unsafe('TRUNCATE trap')
    const { body } = await list(table)
    await admin.unsafe(`INSERT INTO trap VALUES (${body.data.at(-2).id})`)
    return async () => {
      expect([table, (await list(table)).status]).toEqual([table, fault.status])
    }
  }
  return { bob, own, failLists, admin }
}

type Prepared = Awaited<ReturnType<typeof prepareFailingLists>>

/** Everything that Bob may read, each time right after a statement of Alice's has failed. */
export const expectRightReads = async ({ bob, own }: Prepared, fail: () => Promise<void>) => {
  for (const table of Object.keys(counts) as Table[]) {
    await fail()
    const { status, body } = await bob.get(`${own[table]}?limit=100`)
    expect([table, status]).toEqual([table, 200])
    expect(body.data).toEqual(Array(counts[table]).fill(expect.objectContaining({ user_id: 'bob' })))
  }
}

/** The same with everything that he may write. */
export const expectRightWrites = async ({ bob, own }: Prepared, fail: () => Promise<void>) => {
  await fail()
  const added = await bob.post('/api/tasks', { title: 'new' })
  expect(added).toMatchObject({ status: 201, body: { user_id: 'bob', title: 'new' } })
  const path = `/api/tasks/${added.body.id}`
  await fail()
  expect(await bob.get(path)).toMatchObject({ status: 200, body: added.body })
  await fail()
  expect(await bob.patch(path, { title: 'newer' })).toMatchObject({ status: 200, body: { title: 'newer' } })
  await fail()
  expect((await bob.delete(path)).status).toBe(204)
  await fail()
  expect((await bob.get(path)).status).toBe(404)
  await fail()
  const said = await bob.post(own.messages, { role: 'user', content: 'Hello' })
  expect(said).toMatchObject({ status: 201, body: { user_id: 'bob', content: 'Hello' } })
  await fail()
  expect(await bob.post('/api/conversations')).toMatchObject({ status: 201, body: { user_id: 'bob' } })
}
