import { checkAlike } from './alike'
import { compare } from './compare'
import { stage } from './kit/stage'
import { signToken } from './kit/token'
import { benchUser, type Contender, contenders, startLineup } from './lineup'
import { readOptions } from './options'
import { describe, describeMachine, failuresOf, type Result } from './report'

/** Measures the service against the floor and the limit, in turns; README.md explains the tables. */
const { dialects, scenarios, service, setting, distanceMs, ...how } = readOptions()
const machine = describeMachine()
const results: Result[] = []

for (const dialect of dialects) {
  const lineup = await startLineup(await stage(dialect), service, distanceMs)
  await checkAlike(lineup)
  for (const { title, tokens: count, toShot, against } of scenarios) {
    console.error(`${dialect}, ${title} …`)
    const tokens = await Promise.all(
      Array.from({ length: count }, (_, index) => signToken(benchUser, String(index))),
    )
    const turn = (name: Contender, shotOf = toShot) => ({
      server: lineup[name],
      shot: shotOf(lineup[name].url, tokens),
    })
    // What the references do not serve is measured against another request of the service itself.
    const turns = against
      ? { floor: turn('service', against.toShot), service: turn('service') }
      : { floor: turn('floor'), limit: turn('limit'), service: turn('service') }
    const comparison = await compare(turns, how)
    results.push({ database: dialect, scenario: title, comparison })
  }
  await Promise.all(contenders.map((name) => lineup[name].stop()))
}

console.log(`${machine}; ${setting}\n\n${describe(results)}`)
process.exit(results.some(({ comparison }) => failuresOf(comparison) > 0) ? 1 : 0)
