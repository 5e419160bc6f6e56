import { cpus } from 'node:os'
import { bestGenerator, generators } from './kit/load'
import { median, spread, table, whole } from './kit/numbers'
import { programs, startServer } from './kit/servers'
import type { Shot } from './kit/shot'
import { stage } from './kit/stage'
import { secret, signToken } from './kit/token'
import { benchUser, fill } from './pair'
import { describeMachine } from './report'
import { scenarios } from './scenarios'

/** What a second replica on the same Postgres brings; README.md explains it. */
const rounds = 5
const seconds = 3
const load = generators[bestGenerator()]

const url = await fill(await (await stage('postgres'))('replicas'))
const start = () => startServer(programs.service, { DATABASE_URL: url, BETTER_AUTH_SECRET: secret })
const replicas = [await start(), await start()]
const tokens = [await signToken(benchUser)]

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

/** Loads all of these at once and gives their requests a second and how many processors were busy. */
const measure = async (shots: readonly Shot[]) => {
  const before = processorTimes()
  const measured = await Promise.all(shots.map((shot) => load(shot, seconds)))
  const after = processorTimes()
  const share = (after.busy - before.busy) / (after.all - before.all)
  const failures = measured.reduce((sum, each) => sum + each.failures, 0)
  if (failures > 0) throw new Error(`${failures} requests failed`)
  return { rate: measured.reduce((sum, each) => sum + each.rate, 0), busy: share * cpus().length }
}

const compare = async (toShot: (base: string, tokens: readonly string[]) => Shot, connections: number) => {
  const shots = replicas.map((replica) => ({ ...toShot(replica.url, tokens), connections }))
  for (const shot of shots) await load(shot, seconds)
  const one: Awaited<ReturnType<typeof measure>>[] = []
  const two: typeof one = []
  for (let round = 0; round < rounds; round++) {
    one.push(await measure(shots.slice(0, 1)))
    two.push(await measure(shots))
  }
  const of = (times: typeof one, field: 'rate' | 'busy') => median(times.map((time) => time[field]))
  return [
    whole(of(one, 'rate')),
    whole(of(two, 'rate')),
    spread(two.map(({ rate }, round) => rate / (one[round]?.rate ?? Number.NaN))),
    `${of(one, 'busy').toFixed(2)} / ${of(two, 'busy').toFixed(2)}`,
  ]
}

const rows: string[][] = []
for (const { title, toShot } of [scenarios.list, scenarios.add])
  for (const connections of [1, 32]) {
    console.error(`${title}, ${connections} …`)
    rows.push([title, String(connections), ...(await compare(toShot, connections))])
  }
const head = [
  'scenario',
  'connections each',
  'one: req/s',
  'two: req/s',
  'ratio [min–max]',
  'processors busy',
]
console.log(`${describeMachine()}\n\n${table(head, rows)}`)
for (const replica of replicas) await replica.stop()
process.exit()
