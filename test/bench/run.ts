import { compare } from './compare'
import { table } from './kit/numbers'
import { stage } from './kit/stage'
import { signToken } from './kit/token'
import { readOptions } from './options'
import { benchUser, checkAlike, startPair } from './pair'
import { columns, describeMachine, failuresOf, toRow } from './report'

/** Measures the service against the floor, in turns, and prints a table; README.md explains it. */
const { dialects, scenarios, service, setting, distanceMs, ...how } = readOptions()
const machine = describeMachine()
const rows: string[][] = []
let failures = 0

for (const dialect of dialects) {
  const pair = await startPair(await stage(dialect), service, distanceMs)
  await checkAlike(pair, await signToken(benchUser))
  for (const { title, tokens: count, toShot } of scenarios) {
    console.error(`${dialect}, ${title} …`)
    const tokens = await Promise.all(
      Array.from({ length: count }, (_, index) => signToken(benchUser, String(index))),
    )
    const result = await compare(pair, (base) => toShot(base, tokens), how)
    rows.push(toRow(dialect, title, result))
    failures += failuresOf(result)
  }
  await Promise.all([pair.floor.stop(), pair.service.stop()])
}

console.log(`${machine}; ${setting}\n\n${table(columns, rows)}`)
process.exit(failures > 0 ? 1 : 0)
