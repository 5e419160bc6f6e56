import { expect } from 'bun:test'
import { timed } from '../../faults/support/time'
import type { Client } from '../../support/client'
import { callRaw } from './raw'

const reads: [string, object][] = [
  ['list_tasks', {}],
  ['get_task', { task_id: 1 }],
]
const writes: [string, object, string][] = [
  ['add_task', { title: 'uncertain' }, 'added'],
  ['complete_task', { task_id: 1 }, 'marked'],
  ['update_task', { task_id: 1, title: 'uncertain' }, 'updated'],
  ['delete_task', { task_id: 1 }, 'deleted'],
]

const reason = 'The database is not available at the moment.'

/** The deadline if none is configured, so that what returns later has ignored a shorter one. */
const usualDeadlineMs = 5000

/** The text of the error that a tool returned, by its deadline. */
export const errorOf = async (client: Client, name: string, given: object): Promise<string> => {
  const { result, ms } = await timed(() => callRaw(client, name, given))
  expect(ms).toBeLessThan(usualDeadlineMs)
  expect(result.status).toBe(200)
  expect(result.body.result.isError).toBe(true)
  expect(result.body.result.structuredContent).toBeUndefined()
  return result.body.result.content[0].text
}

/** Calls all tools that write, and expects that the outcome of each is said to be unknown. */
export const expectWriteErrors = async (client: Client) => {
  const texts = await Promise.all(writes.map(([name, given]) => errorOf(client, name, given)))
  expect(texts).toEqual(
    writes.map(
      ([, , done]) =>
        `${reason} The outcome is unknown: the task may or may not have been ${done}. Call list_tasks to see what is stored before you try again.`,
    ),
  )
}

/** Calls all tools, and expects that each returns the error of an outage. */
export const expectErrors = async (client: Client) => {
  const texts = await Promise.all(reads.map(([name, given]) => errorOf(client, name, given)))
  expect(texts).toEqual(reads.map(() => `${reason} Please try again.`))
  await expectWriteErrors(client)
}
