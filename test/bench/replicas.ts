import { cpus } from 'node:os'
import { openSide } from './kit/databases'
import { bestGenerator, generators } from './kit/load'
import { median, spread, table, whole } from './kit/numbers'
import { programs, type Server, startServer } from './kit/servers'
import type { Shot } from './kit/shot'
import { stage } from './kit/stage'
import { secret, signToken } from './kit/token'
import { benchUser, fill } from './lineup'
import { describeMachine } from './report'
import { scenarios } from './scenarios'

/** What a second replica on the same Postgres brings, to the service and to the floor; README.md explains it. */
const rounds = 7
const seconds = 2
const load = generators[bestGenerator()]

const createDatabase = await stage('postgres')
let count = 0
const tokens = [await signToken(benchUser)]

/** Two replicas of a program on a database of their own, which waits for the disk or does not. */
const startReplicas = async (program: readonly string[], commit: 'on' | 'off'): Promise<Server[]> => {
  const name = `replicas_${count++}`
  const url = await fill(await createDatabase(name))
  const side = await openSide(url)
  await side.run(`ALTER DATABASE ${name} SET synchronous_commit = ${commit}`)
  await side.close()
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

interface Load {
  rate: number
  busy: number
}

/** Loads all of these at once and gives their requests a second and how many processors were busy. */
const measure = async (shots: readonly Shot[]): Promise<Load> => {
  const before = processorTimes()
  const measured = await Promise.all(shots.map((shot) => load(shot, seconds)))
  const after = processorTimes()
  const share = (after.busy - before.busy) / (after.all - before.all)
  const failures = measured.reduce((sum, each) => sum + each.failures, 0)
  if (failures > 0) throw new Error(`${failures} requests failed`)
  return { rate: measured.reduce((sum, each) => sum + each.rate, 0), busy: share * cpus().length }
}

const numbers = ['one: req/s', 'two: req/s', 'ratio [min–max]', 'processors busy']

const summary = (one: readonly Load[], two: readonly Load[]) => {
  const of = (loads: readonly Load[], field: keyof Load) => median(loads.map((each) => each[field]))
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
  const sides: { program: string; replicas: Server[] }[] = []
  for (const program of ['service', 'floor'] as const)
    sides.push({ program, replicas: await startReplicas(programs[program], commit) })
  for (const connections of [1, 32]) {
    console.error(`${name}, ${connections} …`)
    const loaded = sides.map(({ program, replicas }) => ({
      program,
      shots: replicas.map(({ url }) => ({ ...scenario.toShot(url, tokens), connections })),
      one: [] as Load[],
      two: [] as Load[],
    }))
    for (const { shots } of loaded) for (const shot of shots) await load(shot, seconds)
    for (let round = 0; round < rounds; round++)
      for (const { shots, one, two } of loaded) {
        one.push(await measure(shots.slice(0, 1)))
        two.push(await measure(shots))
      }
    for (const { program, one, two } of loaded)
      rows.push([name, String(connections), program, ...summary(one, two)])
  }
  for (const { replicas } of sides) for (const replica of replicas) await replica.stop()
}
console.log(`${describeMachine()}\n\n${table(['scenario', 'connections each', 'program', ...numbers], rows)}`)
process.exit()
