import { Database } from 'bun:sqlite'
import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { until } from '../faults/support/time'
import type { Client } from '../support/client'
import { connectTo, dialects, freshDatabase } from '../support/databases'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

const start = async (client: Client) => {
  const { body: conversation } = await client.post('/api/conversations')
  const messages = `/api/conversations/${conversation.id}/messages`
  const say = (content: string) => client.post(messages, { role: 'user', content })
  const pageAfter = async (cursor?: string, limit = 100) => {
    const { status, body } = await client.get(
      `${messages}?limit=${limit}${cursor === undefined ? '' : `&cursor=${cursor}`}`,
    )
    expect(status).toBe(200)
    return body
  }
  return { id: conversation.id, messages, say, pageAfter }
}

describe.each(dialects)('following a conversation on %s', (dialect) => {
  it('finds messages that were added at once in the order of their times, too', async () => {
    const service = await startService(dialect)
    const { say, pageAfter } = await start(await service.as('alice'))
    await Promise.all(Array.from({ length: 50 }, (_, count) => say(`${count}`)))
    const { data } = await pageAfter()
    const times = data.map(({ created_at }: { created_at: string }) => created_at)
    expect(times).toHaveLength(50)
    expect(times).toEqual(times.toSorted())
  })

  it('has a position from the first, empty page on', async () => {
    const service = await startService(dialect)
    const { say, pageAfter } = await start(await service.as('alice'))
    const empty = await pageAfter()
    expect(empty).toEqual({ data: [], next_cursor: null, last_cursor: expect.any(String) })
    expect(await pageAfter(empty.last_cursor)).toEqual(empty)
    const { body: first } = await say('first')
    const found = await pageAfter(empty.last_cursor)
    expect(found).toEqual({ data: [first], next_cursor: null, last_cursor: expect.any(String) })
    // Nothing new: the position stays where it was.
    expect(await pageAfter(found.last_cursor)).toEqual({ ...found, data: [] })
    const { body: second } = await say('second')
    expect((await pageAfter(found.last_cursor)).data).toEqual([second])
    expect((await pageAfter()).data).toEqual([first, second])
  })

  it('leaves next_cursor what it was: null on the last page, and on no other', async () => {
    const service = await startService(dialect)
    const { say, pageAfter } = await start(await service.as('alice'))
    for (const content of ['1', '2', '3', '4']) await say(content)
    const first = await pageAfter(undefined, 2)
    expect(first.next_cursor).toBe(first.last_cursor)
    const last = await pageAfter(first.next_cursor, 2)
    expect(last).toMatchObject({ next_cursor: null, last_cursor: expect.any(String) })
    expect(last.data.map(({ content }: { content: string }) => content)).toEqual(['3', '4'])
  })

  it('is not for lists that begin with the newest row', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { pageAfter } = await start(alice)
    const { last_cursor } = await pageAfter()
    for (const path of ['/api/tasks', '/api/conversations']) {
      expect((await alice.get(path)).body).not.toHaveProperty('last_cursor')
      expect((await alice.get(`${path}?cursor=${last_cursor}`)).status).toBe(422)
    }
  })

  it('misses no message, however many are added at the same time', async () => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { say, pageAfter } = await start(alice)
    const acknowledged: number[] = []
    let isWriting = true
    const write = async () => {
      for (let count = 0; count < 40; count++) {
        const { status, body } = await say(`${count}`)
        expect(status).toBe(201)
        acknowledged.push(body.id)
      }
    }
    const follow = async (limit: number) => {
      const seen: number[] = []
      let cursor: string | undefined
      for (let isLast = false; !isLast; ) {
        // Whatever is added after this is not waited for.
        isLast = !isWriting
        const page = await pageAfter(cursor, limit)
        seen.push(...page.data.map(({ id }: { id: number }) => id))
        cursor = page.last_cursor
        if (page.next_cursor !== null) isLast = false
      }
      return seen
    }
    const following = Promise.all([1, 2, 100, 100].map(follow))
    await Promise.all(Array.from({ length: 16 }, write))
    isWriting = false
    for (const seen of await following) expect(seen).toEqual(acknowledged.toSorted((a, b) => a - b))
  })
})

/** How many statements wait for a lock in the database of this connection. */
const countWaiting = async (sql: ReturnType<typeof connectTo>) => {
  // Within a transaction the view would never change.
  await sql`SELECT pg_stat_clear_snapshot()`
  const waiting = await sql`
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return waiting.length
}

it('a message that takes long on Postgres is not overtaken by the next one of its conversation', async () => {
  const url = await freshDatabase('Postgres')
  const service = await startService('Postgres', { DATABASE_URL: url })
  const { say, pageAfter } = await start(await service.as('alice'))
  const other = connectTo(url)
  // It has its id by then.
  await other.unsafe(`
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF NEW.content = 'slow' THEN PERFORM pg_advisory_xact_lock(1); END IF; RETURN NEW; END $$;
    CREATE TRIGGER hold BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION hold()`)
  // Held by a transaction, since a pooler may give the next statement another session.
  await other.unsafe('BEGIN; SELECT pg_advisory_xact_lock(1)')
  const slow = say('slow')
  await until('the first waits', async () => (await countWaiting(other)) === 1)
  const quick = say('quick')
  await Promise.race([quick, until('the second waits', async () => (await countWaiting(other)) === 2)])
  const before = await pageAfter()
  await other.unsafe('COMMIT')
  expect([(await slow).status, (await quick).status]).toEqual([201, 201])
  const after = await pageAfter(before.last_cursor)
  const seen: { content: string }[] = [...before.data, ...after.data]
  expect(seen.map(({ content }) => content)).toEqual(['slow', 'quick'])
})

describe('a message to a conversation that somebody else is deleting', () => {
  it.each([
    ['deleted', 'COMMIT', 404],
    ['kept after all', 'ROLLBACK', 201],
  ])('waits for the deletion on Postgres, whose conversation is then %s', async (_, end, status) => {
    const url = await freshDatabase('Postgres')
    const service = await startService('Postgres', { DATABASE_URL: url })
    const { id, say } = await start(await service.as('alice'))
    const other = connectTo(url)
    await other.unsafe(`BEGIN; DELETE FROM conversations WHERE id = ${id}`)
    const saying = say('Hello?')
    await until('it waits', async () => (await countWaiting(other)) === 1)
    await other.unsafe(end)
    expect((await saying).status).toBe(status)
  })

  it.each([
    ['deleted', 'COMMIT', 404],
    ['kept after all', 'ROLLBACK', 201],
  ])('waits for the deletion on SQLite, whose conversation is then %s', async (_, end, status) => {
    const url = await freshDatabase('SQLite')
    const service = await startService('SQLite', { DATABASE_URL: url, METRICS: 'true' })
    const { id, say } = await start(await service.as('alice'))
    const other = new Database(url.replace('sqlite:', ''))
    other.run('PRAGMA foreign_keys = ON')
    other.run('BEGIN IMMEDIATE')
    other.run(`DELETE FROM conversations WHERE id = ${id}`)
    const saying = say('Hello?')
    await until('it waits', async () =>
      (await service.get('/metrics')).body.includes('database_statements_waiting 1\n'),
    )
    other.run(end)
    other.close()
    expect((await saying).status).toBe(status)
  })
})
