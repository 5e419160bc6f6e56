import { cpus } from 'node:os'
import { openSide } from './kit/databases'
import { bestGenerator, generators } from './kit/load'
import { median, spread, table, whole } from './kit/numbers'
import { programs, type Server, startServer } from './kit/servers'
import type { Shot } from './kit/shot'
import { stage } from './kit/stage'
import { secret, signToken } from './kit/token'
import { benchUser, fill } from './pair'
import { describeMachine } from './report'
import { scenarios } from './scenarios'

/** What a second replica on the same Postgres brings; README.md explains it. */
const rounds = 5
const seconds = 2
const load = generators[bestGenerator()]

const createDatabase = await stage('postgres')
let count = 0
const tokens = [await signToken(benchUser)]

/** Two replicas on a database of their own, which waits for the disk or does not. */
const startReplicas = async (commit: 'on' | 'off'): Promise<Server[]> => {
  const name = `replicas_${count++}`
  const url = await fill(await createDatabase(name))
  const side = await openSide(url)
  await side.run(`ALTER DATABASE ${name} SET synchronous_commit = ${commit}`)
  await side.close()
  const start = () => startServer(programs.service, { DATABASE_URL: url, BETTER_AUTH_SECRET: secret })
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

const compare = async (shots: readonly Shot[]) => {
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
for (const { name, scenario, commit } of [
  { name: 'list of 20', scenario: scenarios.list, commit: 'on' },
  { name: 'add', scenario: scenarios.add, commit: 'on' },
  { name: 'add, not waiting for the disk', scenario: scenarios.add, commit: 'off' },
] as const) {
  const replicas = await startReplicas(commit)
  for (const connections of [1, 32]) {
    console.error(`${name}, ${connections} …`)
    const shots = replicas.map(({ url }) => ({ ...scenario.toShot(url, tokens), connections }))
    rows.push([name, String(connections), ...(await compare(shots))])
  }
  for (const replica of replicas) await replica.stop()
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
process.exit()
