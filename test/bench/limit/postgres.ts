import { SQL } from 'bun'
import { type LimitStore, toCursor } from './store'

/** Reads share a few connections, on which Bun pipelines them: their servers stay awake and warm. */
const readers = 4
/** A write waits for the disk, so that more of them at once are flushed together. */
const writers = 24

const asText = (column: string) => `
  ALTER ${column} DROP DEFAULT,
  ALTER ${column} TYPE text USING to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Changes the service's schema to that of the limit, which stores times as the text that is sent. */
export const storeTimesAsText = `ALTER TABLE tasks ${asText('created_at')}, ${asText('updated_at')}`

/** A page as rows of one column: their JSON, so that no row has to be taken apart and assembled again. */
const page = (condition: string) => `
  SELECT row_to_json(page)::text
  FROM (SELECT * FROM tasks WHERE user_id = $1 ${condition} ORDER BY id DESC LIMIT $2) AS page`

const insert = `
  INSERT INTO tasks (user_id, title, description, completed, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $5) RETURNING id`

const isJson = { headers: { 'content-type': 'application/json;charset=utf-8' } }

/** Bun's own driver; a statement with parameters is prepared, and cheaper to send than a tagged template. */
export const openPostgres = (url: string): LimitStore => {
  const reading = new SQL(url, { max: readers })
  const writing = new SQL(url, { max: writers })
  const all = page('')
  const some = page('AND completed = $3')
  let asked: Promise<unknown> | undefined

  return {
    // Shared by all who ask while it is on its way.
    ping() {
      asked ??= reading.unsafe('SELECT 1').then(() => {
        asked = undefined
      })
      return asked
    },
    async list(userId, limit, completed) {
      const rows: [string][] = await (completed === undefined
        ? reading.unsafe(all, [userId, limit + 1])
        : reading.unsafe(some, [userId, limit + 1, completed])
      ).values()
      const hasMore = rows.length > limit
      if (hasMore) rows.length = limit
      const cursor = hasMore ? `"${toCursor(JSON.parse(rows.at(-1)?.[0] ?? '').id)}"` : 'null'
      return new Response(`{"data":[${rows.join()}],"next_cursor":${cursor}}`, isJson)
    },
    async add(userId, { title, description = null, completed = false }) {
      const now = new Date().toISOString()
      const values = [userId, title, description, completed, now]
      const [row]: [string][] = await writing.unsafe(insert, values).values()
      return {
        id: Number(row?.[0]),
        user_id: userId,
        title,
        description,
        completed,
        created_at: now,
        updated_at: now,
      }
    },
  }
}
