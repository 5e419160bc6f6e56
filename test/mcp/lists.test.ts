import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import type { Client } from '../support/client'
import { dialects } from '../support/databases'
import { startService } from '../support/service'
import { callRaw } from './support/raw'

setDefaultTimeout(60_000)

const budget = 40_000

interface Listed {
  id: number
  title: string
  description?: string
  description_truncated?: boolean
}

/** All pages of a list, each with the bytes of its text. */
const walk = async (client: Client, given: object) => {
  const pages: { tasks: Listed[]; bytes: number }[] = []
  let cursor: string | undefined
  do {
    const { body } = await callRaw(client, 'list_tasks', { ...given, ...(cursor && { cursor }) })
    const { tasks, has_more, next_cursor } = body.result.structuredContent
    expect(has_more).toBe(next_cursor !== undefined)
    pages.push({ tasks, bytes: Buffer.byteLength(body.result.content[0].text) })
    cursor = next_cursor
  } while (cursor && pages.length < 200)
  return pages
}

describe.each(dialects)('lists on %s', (dialect) => {
  it('of 100 tasks with the longest texts stay within the budget, and join without a gap', async () => {
    const alice = await (await startService(dialect)).as('alice')
    // Characters of four bytes, and such as JSON writes with six.
    const add = async (character: string) => {
      const texts = { title: `x${character.repeat(499)}`, description: character.repeat(10_000) }
      const { body } = await alice.post('/api/tasks', texts)
      const description = character.repeat(200)
      return { id: body.id, title: texts.title, description, description_truncated: true }
    }
    const added = await Promise.all(
      Array.from({ length: 100 }, (_, index) => add(index % 2 ? '😀' : '\u0001')),
    )
    const pages = await walk(alice, { limit: 100 })
    expect(pages.length).toBeGreaterThan(5)
    expect(pages.length).toBeLessThan(20)
    for (const { bytes } of pages) expect(bytes).toBeLessThanOrEqual(budget)
    const listed = pages.flatMap(({ tasks }) => tasks)
    expect(listed).toHaveLength(100)
    expect(listed).toMatchObject(added.sort((a, b) => b.id - a.id))
  })

  it('use the budget to the last task, and no byte more', async () => {
    const alice = await (await startService(dialect)).as('alice')
    const short = { title: 'x', description: 'x' }
    const { body } = await alice.post('/api/tasks', short)
    // 98 of such tasks are shorter than the budget with what separates or what encloses them, but not with both.
    const title = 'x'.repeat(407 - JSON.stringify(body).length)
    await Promise.all(Array.from({ length: 100 }, () => alice.post('/api/tasks', { ...short, title })))
    const [page] = await walk(alice, { limit: 100 })
    expect(page?.tasks).toHaveLength(97)
    expect(page?.bytes).toBeLessThanOrEqual(budget)
  })

  it('of 100 short texts that are long only as JSON stay within the budget', async () => {
    const alice = await (await startService(dialect)).as('alice')
    const title = `x${'\u0001'.repeat(60)}`
    await Promise.all(Array.from({ length: 100 }, () => alice.post('/api/tasks', { title })))
    const pages = await walk(alice, { limit: 100 })
    expect(pages.map(({ bytes }) => bytes <= budget)).toEqual([true, true])
  })

  it('cut a description after 200 characters, and only one that is longer', async () => {
    const alice = await (await startService(dialect)).as('alice')
    for (const description of ['x'.repeat(201), '😀'.repeat(201), '😀'.repeat(200), 'x'.repeat(200)])
      await alice.post('/api/tasks', { title: 'task', description })
    const { body } = await callRaw(alice, 'list_tasks', {})
    const { tasks } = body.result.structuredContent as { tasks: Listed[] }
    expect(
      tasks.map(({ description, description_truncated }) => [description, description_truncated]),
    ).toEqual([
      ['x'.repeat(200), undefined],
      ['😀'.repeat(200), undefined],
      ['😀'.repeat(200), true],
      ['x'.repeat(200), true],
    ])
  })

  it('have 20 tasks by default, and keep their status from page to page', async () => {
    const alice = await (await startService(dialect)).as('alice')
    const add = async (completed: boolean) =>
      Promise.all(Array.from({ length: 25 }, () => alice.post('/api/tasks', { title: 'task', completed })))
    const added = (await Promise.all([add(true), add(false)]))[0]
    const pages = await walk(alice, { status: 'completed' })
    expect(pages.map(({ tasks }) => tasks.length)).toEqual([20, 5])
    const ids = added.map(({ body }) => body.id).sort((a, b) => b - a)
    expect(pages.flatMap(({ tasks }) => tasks.map(({ id }) => id))).toEqual(ids)
  })
})
