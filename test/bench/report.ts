import { cpus, loadavg } from 'node:os'
import type { Comparison, Round } from './compare'
import { median, spread, whole } from './kit/numbers'

/** The columns of a comparison; two numbers are the floor's and the service's. */
export const columns = [
  'database',
  'scenario',
  'floor req/s',
  'service req/s',
  'ratio [min–max]',
  'p50 ms',
  'p99 ms',
  'p99 ratio',
  'CPU µs a request',
  'not 2xx',
]

export const toRow = (database: string, scenario: string, { floor, service }: Comparison) => {
  const of = (rounds: Round[], field: keyof Round) => median(rounds.map((round) => round[field]))
  const both = (field: keyof Round, digits: number) =>
    `${of(floor, field).toFixed(digits)} / ${of(service, field).toFixed(digits)}`
  const ratios = (field: keyof Round) =>
    service.map((round, index) => round[field] / (floor[index]?.[field] ?? Number.NaN))
  return [
    database,
    scenario,
    whole(of(floor, 'rate')),
    whole(of(service, 'rate')),
    spread(ratios('rate')),
    both('p50', 2),
    both('p99', 2),
    median(ratios('p99')).toFixed(2),
    both('cpu', 0),
    String(failuresOf({ floor, service })),
  ]
}

export const failuresOf = ({ floor, service }: Comparison) =>
  [...floor, ...service].reduce((sum, { failures }) => sum + failures, 0)

/** What the numbers below it were measured on. */
export const describeMachine = () => {
  const [cpu] = cpus()
  const load = loadavg().map((average) => average.toFixed(1))
  const today = new Date().toISOString().slice(0, 10)
  return `${today}, ${cpus().length} × ${cpu?.model}, Bun ${Bun.version}, load before ${load[0]}`
}
