import { expect, it, setDefaultTimeout } from 'bun:test'
import { connectTo } from '../support/databases'
import { setRules } from './support/certificates'
import { startCluster } from './support/cluster'
import { startProcess, startServing } from './support/process'
import { until } from './support/time'

setDefaultTimeout(30_000)

/** What libpq or postgres.js would read for what a URL does not say. */
const environment = {
  PGHOST: '192.0.2.1',
  PGPORT: '9',
  PGUSER: 'hostile',
  PGUSERNAME: 'hostile',
  PGDATABASE: 'hostile',
  PGPASSWORD: 'secret',
  PGAPPNAME: 'hostile',
  PGOPTIONS: '-c search_path=hostile',
  PGSERVICE: 'hostile',
  PGSSLMODE: 'disable',
  PGSSL: 'require',
  PGSSLNEGOTIATION: 'direct',
  PGMAX: '50',
  PGMAX_PIPELINE: '1',
  PGMAX_LIFETIME: '1',
  PGIDLE_TIMEOUT: '1',
  PGCONNECT_TIMEOUT: '1',
  PGBACKOFF: '30',
  PGDEBUG: '1',
}

it('the variables of libpq and of the driver have no influence', async () => {
  const cluster = await startCluster()
  const admin = connectTo(cluster.url)
  await admin`CREATE ROLE protected LOGIN SUPERUSER PASSWORD 'secret'`
  setRules(cluster, 'host all postgres all trust', 'host all protected all scram-sha-256')
  await admin`SELECT pg_reload_conf()`

  const service = await startServing(`${cluster.url}?sslmode=prefer`, environment)
  const alice = await service.as('alice')
  expect((await alice.post('/api/tasks', { title: 'Milk' })).status).toBe(201)
  const sessions = await admin<{ name: string }[]>`
    SELECT application_name AS name FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`
  expect(sessions.length).toBeGreaterThan(0)
  for (const session of sessions) expect(session).toEqual({ name: 'todo-backend' })
  expect(service.unexpectedOutput).toEqual([])

  const refused = await startProcess(cluster.url.replace('postgres@', 'protected@'), environment)
  await until('the login is rejected', () => /disconnected.*28P01/.test(refused.output()))
  expect((await refused.get('/health')).status).toBe(503)
})
