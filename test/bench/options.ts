import { parseArgs } from 'node:util'
import type { Dialect } from './kit/databases'
import { bestGenerator, generators } from './kit/load'
import { hasBinary, programs } from './kit/servers'
import { defaultScenarios, type Scenario, scenarios } from './scenarios'

const dialects: Record<Dialect, Dialect> = { sqlite: 'sqlite', postgres: 'postgres' }

const choose = <T>(option: string, choices: Readonly<Record<string, T>>, name: string): T => {
  const choice = Object.hasOwn(choices, name) ? choices[name] : undefined
  if (choice === undefined) throw new Error(`--${option} is one of: ${Object.keys(choices).join(', ')}`)
  return choice
}

const positive = (option: string, text: string) => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option} must be a whole number from 1`)
  return value
}

const onlyOption = { type: 'string', multiple: true, default: Object.keys(dialects) } as const

const toDialects = (names: string[]) => names.map((name) => choose('only', dialects, name))

/** The databases that a command line asks for: both, unless it says `--only`. */
export const readDialects = (): Dialect[] =>
  toDialects(parseArgs({ options: { only: onlyOption } }).values.only)

/** What the command line of `bun run bench` asks for. Throws Error where it is not understood. */
export const readOptions = () => {
  const { values } = parseArgs({
    options: {
      only: onlyOption,
      scenario: { type: 'string', multiple: true, default: defaultScenarios },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      load: { type: 'string', default: bestGenerator() },
      binary: { type: 'boolean', default: false },
      distance: { type: 'string' },
    },
  })
  if (values.binary && !hasBinary()) throw new Error('There is no dist/todo-backend: bun run build makes it')
  const distanceMs = values.distance === undefined ? 0 : positive('distance', values.distance)
  const far = distanceMs > 0 ? `, Postgres ${distanceMs} ms away` : ''
  return {
    dialects: toDialects(distanceMs > 0 ? ['postgres'] : values.only),
    scenarios: values.scenario.map((name) => choose<Scenario>('scenario', scenarios, name)),
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    load: choose('load', generators, values.load),
    distanceMs,
    service: values.binary ? programs.binary : programs.service,
    /** In words, for the line above the table. */
    setting: `${values.binary ? 'binary' : 'source'}, ${values.load}, ${values.rounds} rounds of ${values.seconds} s${far}`,
  }
}
