import { expect, it } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectTo, temporaryFolder } from '../support/databases'
import { createAuthority, setRules, startTlsCluster } from './support/certificates'
import { startProcess, startServing } from './support/process'
import { until } from './support/time'

it('URLs that have the server verified connect over TLS', async () => {
  const authority = await createAuthority()
  const cluster = await startTlsCluster(authority)
  const admin = connectTo(cluster.url)
  await admin`CREATE ROLE holder LOGIN SUPERUSER`
  setRules(cluster, 'hostssl all holder all cert', 'host all postgres all trust')
  await admin`SELECT pg_reload_conf()`
  const { certificate, key } = await authority.sign('holder')
  const known = { NODE_EXTRA_CA_CERTS: authority.certificate }
  const file = `sslrootcert=${authority.certificate}`
  const urls: [string, string, Record<string, string>][] = [
    // As shown in Neon's console.
    ['postgres', 'sslmode=require&channel_binding=require', known],
    ['postgres', 'sslmode=verify-full&sslrootcert=system', known],
    ['postgres', 'sslmode=verify-full', { SSL_CERT_FILE: authority.certificate }],
    ['postgres', `sslmode=verify-full&${file}&ssl_min_protocol_version=TLSv1.3`, {}],
    ['holder', `channel_binding=require&${file}&sslcert=${certificate}&sslkey=${key}`, {}],
  ]
  for (const [user, query, environment] of urls) {
    const url = `postgres://${user}@localhost:${cluster.port}/postgres?${query}`
    const service = await startServing(url, environment)
    const alice = await service.as('alice')
    expect((await alice.post('/api/tasks', { title: 'Milk' })).status, query).toBe(201)
    const connections = await admin<{ ssl: boolean; version: string }[]>`
      SELECT ssl, version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
      WHERE usename = ${user} AND backend_type = 'client backend' AND pid <> pg_backend_pid()`
    expect(connections.length).toBeGreaterThan(0)
    for (const { ssl } of connections) expect(ssl, query).toBe(true)
    expect(service.unexpectedOutput).toEqual([])
    service.kill('SIGKILL')
    await service.exited()
  }
}, 60_000)

it('a URL whose files cannot be used is a 503, and the log says which parameter it is', async () => {
  const empty = join(temporaryFolder(), 'empty.pem')
  writeFileSync(empty, '')
  const queries: [string, RegExp][] = [
    ['sslmode=verify-full&sslrootcert=/missing/ca.pem', /sslrootcert.*ENOENT/],
    [`sslmode=verify-full&sslrootcert=${empty}`, /sslrootcert.*not valid/],
    [`sslmode=require&sslcert=${empty}&sslkey=${empty}`, /sslcert.*not valid/],
  ]
  for (const [query, reason] of queries) {
    const service = await startProcess(`postgres://postgres:hunter2@localhost:1/postgres?${query}`)
    await until(`the reason is logged: ${query}`, () => reason.test(service.output()))
    expect((await service.get('/health')).status).toBe(503)
    expect(service.output()).not.toContain('hunter2')
    expect(service.output()).not.toContain('uncaught')
  }
}, 30_000)
