import { openPostgres } from './floor/postgres'
import { openSQLite } from './floor/sqlite'
import type { NewTask } from './floor/store'
import { createVerify } from './floor/token'

/**
 * What the service is measured against: the same work by hand, with nothing between Bun and the
 * database and none of the service's promises. It requires a database with the service's schema.
 */
const { DATABASE_URL = '', BETTER_AUTH_SECRET = '', PORT = '8000' } = process.env

const store = DATABASE_URL.startsWith('postgres')
  ? openPostgres(DATABASE_URL)
  : openSQLite(DATABASE_URL.replace('sqlite:', ''))
const verify = createVerify(BETTER_AUTH_SECRET)

const refuse = (status: number) => Response.json({ status }, { status })

const list = async (request: Request) => {
  const userId = verify(request.headers.get('authorization'))
  if (userId === undefined) return refuse(401)
  const query = new URL(request.url).searchParams
  const limit = Number(query.get('limit') ?? 50)
  const completed = query.get('completed')
  // One row more than asked for shows whether a page follows.
  const rows = await store.list(userId, limit + 1, completed === null ? undefined : completed === 'true')
  const data = rows.slice(0, limit)
  const last = rows.length > limit ? data.at(-1) : undefined
  const next_cursor = last ? Buffer.from(String(last.id)).toString('base64url') : null
  return Response.json({ data, next_cursor })
}

const add = async (request: Request) => {
  const userId = verify(request.headers.get('authorization'))
  if (userId === undefined) return refuse(401)
  const body = (await request.json()) as NewTask
  const { title } = body
  if (typeof title !== 'string' || title.trim() === '' || title.length > 500) return refuse(422)
  const task = await store.add(userId, body)
  return Response.json(task, { status: 201, headers: { location: `/api/tasks/${task?.id}` } })
}

Bun.serve({
  hostname: '127.0.0.1',
  port: Number(PORT),
  development: false,
  routes: {
    '/health': async () => {
      await store.ping()
      return Response.json({ status: 'healthy', database: 'connected' })
    },
    '/api/tasks': { GET: list, POST: add },
  },
  fetch: () => refuse(404),
})
