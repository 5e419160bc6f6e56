import { createApp } from '../../src/app'
import type { KeySetTimes } from '../../src/auth/key-set'
import { readConfig } from '../../src/config'
import { open } from '../../src/database'
import { createLog } from '../../src/log'
import { loadMetrics } from '../../src/metrics/load'
import { cleanUp } from './cleanup'
import { type Client, createClient } from './client'
import { type DialectName, freshDatabase } from './databases'
import { createDocumentCheck } from './documented'
import { secret, tokenOf } from './tokens'

export interface Service extends Client {
  url: string
  /** A client with the token of a user. */
  as(user: string): Promise<Client>
  stop(): Promise<void>
}

let check: ReturnType<typeof createDocumentCheck> | undefined

/** The whole service on a free port, with a fresh database unless one is given, once a path answers with 200. */
export const startService = async (
  dialect: DialectName,
  environment: Record<string, string> = {},
  { keySetTimes, ready = '/health' }: { keySetTimes?: KeySetTimes; ready?: string } = {},
): Promise<Service> => {
  const config = readConfig({
    DATABASE_URL: environment.DATABASE_URL ?? (await freshDatabase(dialect)),
    BETTER_AUTH_SECRET: secret,
    LOG_LEVEL: 'error',
    ...environment,
  })
  const database = await open(config.database)
  const log = createLog({ level: config.logLevel, json: false })
  const metrics = config.metrics ? await loadMetrics(database) : undefined
  const app = createApp({ config, database, log, metrics, keySetTimes })
  app.listen({ hostname: '127.0.0.1', port: 0, reusePort: false })
  const url = `http://127.0.0.1:${app.server?.port}`
  const stop = async () => {
    if (app.server) await app.stop(true)
    await database.close()
  }
  cleanUp(stop)
  check ??= createDocumentCheck((await createClient(url).get('/openapi.json')).body)
  const client = createClient(url, {}, check)
  await client.until(ready, 200)
  return {
    ...client,
    url,
    stop,
    as: async (user) => createClient(url, { authorization: `Bearer ${await tokenOf(user)}` }, check),
  }
}
