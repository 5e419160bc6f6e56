import { cpus } from 'node:os'
import { databaseFactory } from './kit/database-factory'
import { openAdminConnection } from './kit/databases'
import { bestGenerator, generators } from './kit/load'
import type { LoadRequest } from './kit/load-request'
import { median, spread, table, whole } from './kit/numbers'
import { programs, type Server, startServer } from './kit/servers'
import { secret, signToken } from './kit/token'
import { describeMachine } from './report'
import { scenarios } from './scenarios'
import { benchUser, fill } from './servers-under-test'

/** What a second replica on the same Postgres brings, to the service and to the floor; README.md explains it. */
const rounds = 7
const seconds = 2
const load = generators[bestGenerator()]
const machine = describeMachine()

const createDatabase = await databaseFactory('postgres')
let count = 0
const tokens = [await signToken(benchUser)]

/** Two replicas of a program on a database of their own, which waits for the disk or does not. */
const startReplicas = async (program: readonly string[], commit: 'on' | 'off'): Promise<Server[]> => {
  const name = `replicas_${count++}`
  const url = await fill(await createDatabase(name))
  const admin = await openAdminConnection(url)
  await admin.run(`ALTER DATABASE ${name} SET synchronous_commit = ${commit}`)
  await admin.close()
  const start = () => startServer(program, { DATABASE_URL: url, BETTER_AUTH_SECRET: secret })
  return [await start(), await start()]
}

/** Processor time of the whole machine so far, in milliseconds. */
const processorTimes = () => {
  const sums = { busy: 0, all: 0 }
  for (const { times } of cpus()) {
    const all = Object.values(times).reduce((sum, time) => sum + time, 0)
    sums.busy += all - times.idle
    sums.all += all
  }
  return sums
}

interface Measurement {
  rate: number
  busy: number
}

/** Runs all of these at once; returns their requests a second together, and how many processors were busy. */
const measure = async (requests: readonly LoadRequest[]): Promise<Measurement> => {
  const before = processorTimes()
  const measured = await Promise.all(requests.map((request) => load(request, seconds)))
  const after = processorTimes()
  const share = (after.busy - before.busy) / (after.all - before.all)
  const failures = measured.reduce((sum, each) => sum + each.failures, 0)
  if (failures > 0) throw new Error(`${failures} requests failed`)
  return { rate: measured.reduce((sum, each) => sum + each.rate, 0), busy: share * cpus().length }
}

const numbers = ['one: req/s', 'two: req/s', 'ratio [min–max]', 'processors busy']

const summary = (one: readonly Measurement[], two: readonly Measurement[]) => {
  const of = (loads: readonly Measurement[], field: keyof Measurement) =>
    median(loads.map((each) => each[field]))
  return [
    whole(of(one, 'rate')),
    whole(of(two, 'rate')),
    spread(two.map(({ rate }, round) => rate / (one[round]?.rate ?? Number.NaN))),
    `${of(one, 'busy').toFixed(2)} / ${of(two, 'busy').toFixed(2)}`,
  ]
}

const rows: string[][] = []
for (const { name, scenario, commit } of [
  { name: 'list of 20', scenario: scenarios.list, commit: 'on' },
  { name: 'add', scenario: scenarios.add, commit: 'on' },
  { name: 'add, not waiting for the disk', scenario: scenarios.add, commit: 'off' },
] as const) {
  const pairs: { program: string; replicas: Server[] }[] = []
  for (const program of ['service', 'floor'] as const)
    pairs.push({ program, replicas: await startReplicas(programs[program], commit) })
  for (const connections of [1, 32]) {
    console.error(`${name}, ${connections} …`)
    const loaded = pairs.map(({ program, replicas }) => ({
      program,
      requests: replicas.map(({ url }) => ({ ...scenario.toLoadRequest(url, tokens), connections })),
      one: [] as Measurement[],
      two: [] as Measurement[],
    }))
    for (const { requests } of loaded) for (const request of requests) await load(request, seconds)
    for (let round = 0; round < rounds; round++)
      for (const { requests, one, two } of loaded) {
        one.push(await measure(requests.slice(0, 1)))
        two.push(await measure(requests))
      }
    for (const { program, one, two } of loaded)
      rows.push([name, String(connections), program, ...summary(one, two)])
  }
  for (const { replicas } of pairs) for (const replica of replicas) await replica.stop()
}
console.log(`${machine}\n\n${table(['scenario', 'connections each', 'program', ...numbers], rows)}`)
process.exit()
