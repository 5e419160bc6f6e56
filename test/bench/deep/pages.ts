import type { AdminConnection } from '../kit/databases'
import { median } from '../kit/numbers'
import { signToken } from '../kit/token'
import { pairs } from './users'

const requests = 300
const warmUp = 50
const limit = 20

interface Filter {
  title: string
  completed?: true
  users: { many: string; few: string }
}

const filters: Filter[] = [
  { title: 'all tasks', users: pairs.half },
  { title: 'completed=true, half of them', completed: true, users: pairs.half },
  { title: 'completed=true, few of them', completed: true, users: pairs.rare },
]

/** Where in its list a page begins, as a share of the list; the last still is a whole page. */
const places = { first: 0, middle: 0.5, 'near the end': 1 }

/** The cursor of the page that begins after this share of a user's list; see `toCursor` in src/schemas/page.ts. */
const cursorAt = async (admin: AdminConnection, user: string, share: number, completed?: true) => {
  const which = `user_id = '${user}'${completed ? ' AND completed' : ''}`
  const [{ count } = { count: 0 }] = await admin.run<{ count: number | string }>(
    `SELECT count(*) AS count FROM tasks WHERE ${which}`,
  )
  const offset = Math.floor(share * (Number(count) - limit - 2))
  const [row] = await admin.run<{ id: number | string }>(
    `SELECT id FROM tasks WHERE ${which} ORDER BY id DESC LIMIT 1 OFFSET ${offset}`,
  )
  return Buffer.from(String(row?.id)).toString('base64url')
}

/** Sends one request and returns the time until its answer was read, in microseconds. */
const time = async (url: string, token: string) => {
  const start = performance.now()
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  const page = (await answer.json()) as { data: unknown[] }
  const taken = (performance.now() - start) * 1000
  if (page.data.length !== limit) throw new Error(`${url} gave ${page.data.length} tasks`)
  return taken
}

/** One page after another, of the two users in turns: a row of median times for each kind of page. */
export const timePages = async (base: string, admin: AdminConnection): Promise<string[][]> => {
  const rows: string[][] = []
  for (const { title, completed, users } of filters)
    for (const [place, share] of Object.entries(places)) {
      const prepare = async (user: string) => {
        const query = new URLSearchParams({ limit: String(limit) })
        if (completed) query.set('completed', 'true')
        if (share > 0) query.set('cursor', await cursorAt(admin, user, share, completed))
        const token = await signToken(user)
        return () => time(`${base}/api/tasks?${query}`, token)
      }
      const many = await prepare(users.many)
      const few = await prepare(users.few)
      const times: { many: number[]; few: number[] } = { many: [], few: [] }
      for (let index = 0; index < warmUp + requests; index++) {
        const taken = { few: await few(), many: await many() }
        if (index < warmUp) continue
        times.few.push(taken.few)
        times.many.push(taken.many)
      }
      const [ofMany, ofFew] = [median(times.many), median(times.few)]
      rows.push([title, place, ofFew.toFixed(0), ofMany.toFixed(0), (ofMany / ofFew).toFixed(2)])
    }
  return rows
}
