import { cpus, loadavg } from 'node:os'
import type { Comparison, Round } from './compare'
import { digits, median, spread, table, whole } from './kit/numbers'
import { type ServerName, serverNames } from './servers-under-test'

/** What was measured of one scenario on one database. */
export interface Result {
  database: string
  scenario: string
  comparison: Comparison
}

type Field = keyof Round

/** The service's number divided by that of a reference, round by round. */
const ratios = ({ service, ...references }: Comparison, to: Exclude<ServerName, 'service'>, field: Field) =>
  service.map((round, index) => round[field] / (references[to][index]?.[field] ?? Number.NaN))

const medians = (comparison: Comparison, field: Field, format: (value: number) => string) =>
  serverNames.map((name) => format(median(comparison[name].map((round) => round[field]))))

const rates = ({ database, scenario, comparison }: Result) => [
  database,
  scenario,
  ...medians(comparison, 'rate', whole),
  spread(ratios(comparison, 'floor', 'rate')),
  spread(ratios(comparison, 'limit', 'rate')),
  String(failuresOf(comparison)),
]

const costs = ({ database, scenario, comparison }: Result) => [
  database,
  scenario,
  medians(comparison, 'p50', digits(2)).join(' / '),
  medians(comparison, 'p99', digits(2)).join(' / '),
  digits(2)(median(ratios(comparison, 'floor', 'p99'))),
  digits(2)(median(ratios(comparison, 'limit', 'p99'))),
  medians(comparison, 'cpu', digits(0)).join(' / '),
]

const scenarioColumns = ['database', 'scenario']
const rateColumns = [
  ...serverNames.map((name) => `${name} req/s`),
  'service / floor [min–max]',
  'service / limit [min–max]',
  'not 2xx',
]
const costColumns = ['p50 ms', 'p99 ms', 'p99 / floor', 'p99 / limit', 'CPU µs a request']

/** Two tables of the same rows: requests a second, then latency and processor time. */
export const describe = (results: readonly Result[]) =>
  [
    table([...scenarioColumns, ...rateColumns], results.map(rates)),
    `Three numbers are those of ${serverNames.join(', ')}:`,
    table([...scenarioColumns, ...costColumns], results.map(costs)),
  ].join('\n\n')

export const failuresOf = (comparison: Comparison) =>
  serverNames.flatMap((name) => comparison[name]).reduce((sum, { failures }) => sum + failures, 0)

/** What the numbers below it were measured on. */
export const describeMachine = () => {
  const [cpu] = cpus()
  const load = loadavg().map((average) => average.toFixed(1))
  const today = new Date().toISOString().slice(0, 10)
  return `${today}, ${cpus().length} × ${cpu?.model}, Bun ${Bun.version}, load before ${load[0]}`
}
