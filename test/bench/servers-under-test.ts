import { atExit } from '../support/at-exit'
import { startDistance } from '../support/distance'
import { openAdminConnection } from './kit/databases'
import { programs, type Server, startServer } from './kit/servers'
import { secret } from './kit/token'
import { storeTimesAsText } from './limit/postgres'

/** What is compared, in the order of the turns: the service and the two that it is measured against. */
export const serverNames = ['floor', 'limit', 'service'] as const
export type ServerName = (typeof serverNames)[number]
export type Servers = Record<ServerName, Server>

export const benchUser = 'bench-user'

/** 1,000 tasks, the same in all databases to the last field. Both dialects understand it. */
const seed = `
  INSERT INTO tasks (user_id, title, description, completed, created_at, updated_at)
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
  SELECT '${benchUser}', 'Task ' || i, 'What there is to say about task ' || i, i % 3 = 0,
    '2026-02-14T09:30:00.000Z', '2026-02-14T09:30:00.000Z'
  FROM n`

/** Stores the tasks of the bench user in the service's schema, which is changed after that if told to. */
export const fill = async (url: string, changeSchema?: string) => {
  const admin = await openAdminConnection(url)
  await admin.run(seed)
  if (changeSchema) await admin.run(changeSchema)
  await admin.run('ANALYZE')
  await admin.close()
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

/** Starts the floor, the limit and the service, each on a fresh database with the same tasks. */
export const startServers = async (
  createDatabase: (name: string) => Promise<string>,
  service: readonly string[],
  distanceMs = 0,
): Promise<Servers> => {
  const start = async (name: ServerName, command: readonly string[]) => {
    const url = await createDatabase(name)
    const isOwnSchema = name === 'limit' && url.startsWith('postgres:')
    await fill(url, isOwnSchema ? storeTimesAsText : undefined)
    return startServer(command, {
      DATABASE_URL: await atDistance(url, distanceMs),
      BETTER_AUTH_SECRET: secret,
    })
  }
  return {
    floor: await start('floor', programs.floor),
    limit: await start('limit', programs.limit),
    service: await start('service', service),
  }
}
