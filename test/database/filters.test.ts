import { describe, expect, it } from 'bun:test'
import { lt } from 'drizzle-orm'
import { Task } from '../../src/models/task'
import { prepareRows } from '../../src/stores/rows'
import { createTaskStore } from '../../src/stores/tasks'
import { dialects, freshDatabase, openConnected } from '../support/databases'

describe.each(dialects)('a list on %s', (dialect) => {
  it('is filtered by a time, whatever the offset that it is given with', async () => {
    const database = await openConnected(await freshDatabase(dialect))
    const { tasks } = database.models
    const rowsOf = prepareRows(database, {
      table: tasks,
      row: Task,
      order: 'newest first',
      filters: { created_before: [lt, tasks.created_at] },
    })
    const task = await createTaskStore(database)('alice').add({ title: 'Milk' })
    /** The time of the task and some milliseconds, where clocks are so many hours ahead. */
    const timeAt = (milliseconds: number, hours: number) => {
      const local = new Date(Date.parse(task.created_at) + milliseconds + hours * 3_600_000).toISOString()
      return local.replace('Z', `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}:00`)
    }
    const countBefore = async (created_before?: string) =>
      (await rowsOf('alice').list({ created_before })).rows.length
    for (const hours of [-9, 2, 14]) {
      expect([hours, await countBefore(timeAt(1, hours))]).toEqual([hours, 1])
      expect([hours, await countBefore(timeAt(0, hours))]).toEqual([hours, 0])
    }
    expect(await countBefore()).toBe(1)
  })
})
