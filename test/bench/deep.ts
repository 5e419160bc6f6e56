import { measureIndexCost } from './deep/index-cost'
import { timePages } from './deep/pages'
import { settle } from './deep/people'
import { explain } from './deep/plans'
import { openSide } from './kit/databases'
import { table } from './kit/numbers'
import { programs, startServer } from './kit/servers'
import { stage } from './kit/stage'
import { secret } from './kit/token'
import { readDialects } from './options'
import { describeMachine } from './report'

/** Shows that a page costs the same however much lies behind it; README.md explains it. */
console.log(describeMachine())
for (const dialect of readDialects()) {
  console.error(`${dialect}: storing 2,002,000 tasks …`)
  const url = await (await stage(dialect))('deep')
  const side = await openSide(url)
  await settle(side, dialect)
  const service = await startServer(programs.service, { DATABASE_URL: url, BETTER_AUTH_SECRET: secret })

  console.error(`${dialect}: reading pages …`)
  const head = ['list', 'page', 'of 1,000: µs', 'of 1,000,000: µs', 'ratio']
  console.log(`\n## ${dialect}\n\n${table(head, await timePages(service.url, side))}`)
  console.log(`\n\`\`\`${await explain(dialect, side)}\n\`\`\``)
  await service.stop()
  await side.close()

  if (dialect === 'postgres') {
    console.error(`${dialect}: adding rows …`)
    const costs = ['indexes on tasks', 'single inserts/s', 'µs a row in bulk']
    console.log(`\n${table(costs, await measureIndexCost(url))}`)
  }
}
process.exit()
