import { measureIndexCost } from './deep/index-cost'
import { timePages } from './deep/pages'
import { explain } from './deep/plans'
import { seedTasks } from './deep/users'
import { databaseFactory } from './kit/database-factory'
import { openAdminConnection } from './kit/databases'
import { table } from './kit/numbers'
import { programs, startServer } from './kit/servers'
import { secret } from './kit/token'
import { readDialects } from './options'
import { describeMachine } from './report'

/** Shows that a page costs the same however much lies behind it; README.md explains it. */
console.log(describeMachine())
for (const dialect of readDialects()) {
  console.error(`${dialect}: storing 2,002,000 tasks …`)
  const url = await (await databaseFactory(dialect))('deep')
  const admin = await openAdminConnection(url)
  await seedTasks(admin, dialect)
  const service = await startServer(programs.service, { DATABASE_URL: url, BETTER_AUTH_SECRET: secret })

  console.error(`${dialect}: reading pages …`)
  const head = ['list', 'page', 'of 1,000: µs', 'of 1,000,000: µs', 'ratio']
  console.log(`\n## ${dialect}\n\n${table(head, await timePages(service.url, admin))}`)
  console.log(`\n\`\`\`${await explain(dialect, admin)}\n\`\`\``)
  await service.stop()
  await admin.close()

  if (dialect === 'postgres') {
    console.error(`${dialect}: adding rows …`)
    const costs = ['indexes on tasks', 'single inserts/s', 'µs a row in bulk']
    console.log(`\n${table(costs, await measureIndexCost(url))}`)
  }
}
process.exit()
