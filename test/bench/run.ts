import { compare } from './compare'
import { databaseFactory } from './kit/database-factory'
import { signToken } from './kit/token'
import { readOptions } from './options'
import { describe, describeMachine, failuresOf, type Result } from './report'
import { checkSameResponses } from './same-responses'
import { benchUser, type ServerName, serverNames, startServers } from './servers-under-test'

/** Measures the service against the floor and the limit, in turns; README.md explains the tables. */
const { dialects, scenarios, service, setting, distanceMs, ...how } = readOptions()
const machine = describeMachine()
const results: Result[] = []

for (const dialect of dialects) {
  const servers = await startServers(await databaseFactory(dialect), service, distanceMs)
  await checkSameResponses(servers)
  for (const { title, tokens: count, toLoadRequest, reference } of scenarios) {
    console.error(`${dialect}, ${title} …`)
    const tokens = await Promise.all(
      Array.from({ length: count }, (_, index) => signToken(benchUser, String(index))),
    )
    const turn = (name: ServerName, requestOf = toLoadRequest) => ({
      server: servers[name],
      request: requestOf(servers[name].url, tokens),
    })
    // What the references do not serve is measured against another request of the service itself.
    const turns = reference
      ? { floor: turn('service', reference.toLoadRequest), service: turn('service') }
      : { floor: turn('floor'), limit: turn('limit'), service: turn('service') }
    const comparison = await compare(turns, how)
    results.push({ database: dialect, scenario: title, comparison })
  }
  await Promise.all(serverNames.map((name) => servers[name].stop()))
}

console.log(`${machine}; ${setting}\n\n${describe(results)}`)
process.exit(results.some(({ comparison }) => failuresOf(comparison) > 0) ? 1 : 0)
