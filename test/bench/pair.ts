import { isDeepStrictEqual } from 'node:util'
import { startDistance } from '../support/distance'
import { atExit } from './kit/cleanup'
import { openSide } from './kit/databases'
import { programs, type Server, startServer } from './kit/servers'
import { secret } from './kit/token'

export interface Pair {
  floor: Server
  service: Server
}

export const benchUser = 'bench-user'

/** 1,000 tasks, the same in both databases to the last field. Both dialects understand it. */
const seed = `
  INSERT INTO tasks (user_id, title, description, completed, created_at, updated_at)
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
  SELECT '${benchUser}', 'Task ' || i, 'What there is to say about task ' || i, i % 3 = 0,
    '2026-02-14T09:30:00.000Z', '2026-02-14T09:30:00.000Z'
  FROM n`

/** Stores the tasks of the bench user, and makes the schema before where there is none. */
export const fill = async (url: string) => {
  const side = await openSide(url)
  await side.run(seed)
  await side.run('ANALYZE')
  await side.close()
  return url
}

/** The same URL by a way over which a round trip takes so many milliseconds. */
const atDistance = async (url: string, roundTripMs: number) => {
  if (roundTripMs === 0) return url
  const distant = new URL(url)
  const { port, close } = await startDistance(Number(distant.port), roundTripMs)
  atExit(close)
  distant.port = String(port)
  return distant.href
}

/** Starts the floor and the service, each on a fresh database with the same tasks. */
export const startPair = async (
  createDatabase: (name: string) => Promise<string>,
  service: readonly string[],
  distanceMs = 0,
): Promise<Pair> => {
  const start = async (name: string, command: readonly string[]) => {
    const url = await fill(await createDatabase(name))
    return startServer(command, {
      DATABASE_URL: await atDistance(url, distanceMs),
      BETTER_AUTH_SECRET: secret,
    })
  }
  return { floor: await start('floor', programs.floor), service: await start('service', service) }
}

/** Throws where the two do not answer alike: then they would not do the same work. */
export const checkAlike = async ({ floor, service }: Pair, token: string) => {
  const headers = { authorization: `Bearer ${token}` }
  for (const path of ['/health', '/api/tasks?limit=20', '/api/tasks?limit=20&completed=true']) {
    const [expected, given] = await Promise.all(
      [floor, service].map(async ({ url }) => (await fetch(url + path, { headers })).json()),
    )
    if (!isDeepStrictEqual(expected, given)) throw new Error(`floor and service differ on ${path}`)
  }
}
