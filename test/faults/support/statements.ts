import { expect } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { Sql } from 'postgres'
import type { Client } from '../../support/client'
import { until } from './time'

/** Statements on tasks that the server has not ended. */
export const onTasks = async (admin: Sql): Promise<number> => {
  // Within a transaction the view would never change.
  await admin`SELECT pg_stat_clear_snapshot()`
  const found = await admin`
    SELECT pid FROM pg_stat_activity
    WHERE state = 'active' AND query ILIKE '%"tasks"%' AND pid <> pg_backend_pid()`
  return found.length
}

/** Waits until neither the server nor the service has a statement left; needs METRICS. */
export const untilStatementsEnd = (admin: Sql, service: Client) =>
  until(
    'no statement is left',
    async () => {
      // Those on one connection are cancelled one after the other, with none on the server in between.
      const { body } = await service.get('/metrics')
      return /^database_statements_active 0$/m.test(body) && (await onTasks(admin)) === 0
    },
    1000,
  )

/** Makes every insertion of a task take a while. */
export const slowDown = (admin: Sql, seconds: number) =>
  admin.unsafe(`
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(${seconds}); RETURN NEW; END $$;
    CREATE TRIGGER hold BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION hold()`)

/** Ends all other connections to the server. */
export const terminateOthers = (admin: Sql) =>
  admin`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`

/** Sockets connected to a port of this machine, open (01) or closed by the server alone (08). */
export const socketsTo = (port: number) => {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return readFileSync('/proc/net/tcp', 'utf8').match(new RegExp(`:${hex} 0[18] `, 'g'))?.length ?? 0
}

/** The same, until their clients have noticed: a backend leaves its view before its socket closes. */
export const terminateIdle = async (admin: Sql, port: number) => {
  await until('the connections are gone', async () => {
    // Again, since one that was only just being opened was not among them the first time.
    await terminateOthers(admin)
    return socketsTo(port) === 1
  })
}

/** Shows that as many statements as the pool has connections still get to the server at once. */
export const expectEverySlot = async (admin: Sql, client: Client, poolMax: number) => {
  await admin.unsafe('BEGIN; LOCK TABLE tasks')
  const writes = Array.from({ length: poolMax }, () => client.post('/api/tasks', { title: 'slot' }))
  await until('every slot is in use', async () => (await onTasks(admin)) === poolMax, 2000)
  await admin.unsafe('ROLLBACK')
  expect((await Promise.all(writes)).map(({ status }) => status)).toEqual(Array(poolMax).fill(201))
}
