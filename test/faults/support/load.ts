import type { Client } from '../../support/client'
import { until } from './time'

export interface Sample {
  /** 0 where the connection broke instead of an answer. */
  status: number
  ms: number
  /** When the answer came. */
  at: number
  /** The title of a task that was acknowledged. */
  title?: string
}

export type Load = ReturnType<typeof startLoad>

/** Asks without pause, a fifth of it writes, until it is stopped or a minute is over. */
export const startLoad = (client: Client, workers = 16, name = 'load') => {
  const samples: Sample[] = []
  const end = performance.now() + 60_000
  let running = true
  let count = 0

  const ask = async () => {
    const start = performance.now()
    const title = `${name}-${count}`
    const request =
      count++ % 5 === 0 ? client.post('/api/tasks', { title }) : client.get('/api/tasks?limit=5')
    const status = await request.then(
      (answer) => answer.status,
      () => 0,
    )
    const at = performance.now()
    samples.push({ status, ms: at - start, at, ...(status === 201 && { title }) })
    // A service or a database that is unavailable answers at once: no busy loop.
    if (status !== 200 && status !== 201) await Bun.sleep(5)
  }
  const work = async () => {
    while (running && performance.now() < end) await ask()
  }
  const done = Promise.all(Array.from({ length: workers }, work))

  return {
    samples,
    /** Waits for so many further successes; returns the milliseconds until the first write among them. */
    async waitForSuccesses(wanted = 1) {
      const start = performance.now()
      const good = () => samples.filter(({ at, status }) => at > start && (status === 200 || status === 201))
      await until(`${wanted} requests succeed`, () => good().length >= wanted)
      await until('a write succeeds', () => good().some(({ status }) => status === 201))
      return (good().find(({ status }) => status === 201)?.at ?? 0) - start
    },
    /** Lets what runs finish and returns all samples. */
    async stop() {
      running = false
      await done
      return samples
    },
  }
}

/** The different statuses among the answers, in order. */
export const statusesOf = (samples: readonly Sample[]) =>
  [...new Set(samples.map(({ status }) => status))].sort((a, b) => a - b)

export const longest = (samples: readonly Sample[]) => Math.max(0, ...samples.map(({ ms }) => ms))

/** The titles of all of a user's tasks. */
export const titlesOf = async (client: Client): Promise<Set<string>> => {
  const titles = new Set<string>()
  let cursor = ''
  do {
    const { body } = await client.get(`/api/tasks?limit=100${cursor}`)
    for (const { title } of body.data) titles.add(title)
    cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : ''
  } while (cursor)
  return titles
}

/** The acknowledged writes that a user's list does not hold. */
export const missing = async (client: Client, samples: readonly Sample[]): Promise<string[]> => {
  const titles = await titlesOf(client)
  return samples.flatMap(({ title }) => (title === undefined || titles.has(title) ? [] : title))
}
