import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { type Client, createClient } from '../support/client'
import { dialects, freshDatabase, tamper } from '../support/databases'
import { startService } from '../support/service'
import { tokenOf } from '../support/tokens'

setDefaultTimeout(30_000)

/** About what a page may have at most; the rows around it add a little. */
const mostBytes = 1024 * 1024

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value))

interface Page {
  data: { id: number }[]
  next_cursor: string | null
}

/** All pages of a list, one after the other. */
const walk = async (client: Client, path: string): Promise<Page[]> => {
  const pages: Page[] = []
  let cursor = ''
  do {
    const { status, body } = await client.get(path + cursor)
    expect(status).toBe(200)
    pages.push(body)
    cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
  } while (cursor)
  return pages
}

/** Shows that each page is as long as it may be, and no longer, and that they join. */
const expectPages = (pages: Page[], limit: number, rows: { id: number }[]) => {
  expect(pages.flatMap(({ data }) => data)).toEqual(rows)
  for (const [index, { data }] of pages.entries()) {
    expect(data.length).toBeGreaterThan(0)
    if (data.length > 1) expect(bytesOf(data)).toBeLessThan(mostBytes + 1000)
    const [next] = pages[index + 1]?.data ?? []
    if (next && data.length < limit) expect(bytesOf(data) + bytesOf(next)).toBeGreaterThan(mostBytes)
  }
}

/** Characters that take 4, 6 and 2 bytes in JSON. */
const characters = { emoji: '🥛', 'control characters': '\u0001', quotes: '"' }

describe.each(dialects)('pages of long texts on %s', (dialect) => {
  it.each(Object.entries(characters))(
    'end early and join without a gap, whatever their size (%s)',
    async (_, character) => {
      const service = await startService(dialect)
      const alice = await service.as('alice')
      const { body: conversation } = await alice.post('/api/conversations')
      const messages = `/api/conversations/${conversation.id}/messages`
      const content = character.repeat(100_000)
      const added: { id: number }[] = []
      // Short ones beside the long ones: a page may end after any of them.
      for (const text of [content, 'short', content, content, content, 'short', 'short', content, content])
        added.push((await alice.post(messages, { role: 'user', content: text })).body)
      for (const limit of [1, 3, 100])
        expectPages(await walk(alice, `${messages}?limit=${limit}`), limit, added)

      // Control characters alone would be blank.
      const task = { title: `x${character.repeat(499)}`, description: character.repeat(10_000) }
      const tasks: { id: number }[] = []
      for (let count = 0; count < 60; count++)
        tasks.unshift((await alice.post('/api/tasks', { ...task, completed: count % 2 === 0 })).body)
      for (const limit of [24, 25, 100]) {
        expectPages(await walk(alice, `/api/tasks?limit=${limit}`), limit, tasks)
        const done = tasks.filter((_, index) => index % 2 === 1)
        expectPages(await walk(alice, `/api/tasks?limit=${limit}&completed=true`), limit, done)
      }
    },
  )

  it('have a row that is longer than a page for themselves', async () => {
    const url = await freshDatabase(dialect)
    const service = await startService(dialect, { DATABASE_URL: url })
    // Its answer is not what the description promises.
    const alice = createClient(service.url, { authorization: `Bearer ${await tokenOf('alice')}` })
    const { body: conversation } = await alice.post('/api/conversations')
    const messages = `/api/conversations/${conversation.id}/messages`
    await alice.post(messages, { role: 'user', content: 'before' })
    // As an older version of the service, with other limits, may have left it.
    const columns = '(user_id, conversation_id, role, content)'
    const row = `('alice', ${conversation.id}, 'user', '${'x'.repeat(3 * mostBytes)}')`
    await tamper(url, `INSERT INTO messages ${columns} VALUES ${row}`)
    await alice.post(messages, { role: 'user', content: 'after' })
    const pages = await walk(alice, `${messages}?limit=100`)
    expect(pages.map(({ data }) => data.length)).toEqual([1, 1, 1])
  })

  it('cost no more if many rows follow', async () => {
    const url = await freshDatabase(dialect)
    const service = await startService(dialect, { DATABASE_URL: url })
    const alice = await service.as('alice')
    const { body: conversation } = await alice.post('/api/conversations')
    const count = 20_000
    await tamper(
      url,
      `INSERT INTO messages (user_id, conversation_id, role, content)
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      SELECT 'alice', ${conversation.id}, 'user', '${'x'.repeat(2000)}' FROM n`,
    )
    const limit = 100
    const timeOfPageAfter = async (id: number) => {
      const cursor = Buffer.from(String(id)).toString('base64url')
      const times: number[] = []
      for (let round = 0; round < 5; round++) {
        const start = performance.now()
        const { body } = await alice.get(
          `/api/conversations/${conversation.id}/messages?limit=${limit}&cursor=${cursor}`,
        )
        expect(body.data).toHaveLength(limit)
        times.push(performance.now() - start)
      }
      return Math.min(...times)
    }
    expect(await timeOfPageAfter(1)).toBeLessThan(20 + 5 * (await timeOfPageAfter(count - limit)))
  })
})
