import { join } from 'node:path'
import { makeFolder } from './kit/cleanup'
import { median, table } from './kit/numbers'
import { hasBinary, programs, startServer } from './kit/servers'
import { secret } from './kit/token'
import { describeMachine } from './report'
import { growth } from './startup/memory'

/** From the start of the program to a first healthy answer, and its memory over many requests. */
const starts = 10
const pollMs = 1
const folder = makeFolder()

const freshDatabase = () => ({
  DATABASE_URL: `sqlite:${join(folder, `${crypto.randomUUID()}.db`)}`,
  BETTER_AUTH_SECRET: secret,
})

const timeStart = async (command: readonly string[]) => {
  const start = performance.now()
  const server = await startServer(command, freshDatabase(), pollMs)
  const taken = performance.now() - start
  await server.stop()
  return taken
}

const kinds = { source: programs.service, ...(hasBinary() && { binary: programs.binary }) }

console.log(`${describeMachine()}\n`)
const rows: string[][] = []
for (const [kind, command] of Object.entries(kinds)) {
  const times: number[] = []
  // The first start reads the files from the disk and does not count.
  for (let count = 0; count <= starts; count++) times.push(await timeStart(command))
  const counted = times.slice(1)
  const range = `${Math.min(...counted).toFixed(0)}–${Math.max(...counted).toFixed(0)}`
  rows.push([kind, median(counted).toFixed(0), range])
}
console.log(table(['program', 'start to healthy, ms', 'min–max'], rows))

for (const [kind, command] of Object.entries(kinds)) {
  const server = await startServer(command, freshDatabase())
  console.error(`${kind}: memory …`)
  console.log(`\n${table([`requests to the ${kind}`, 'resident memory, MB'], await growth(server))}`)
  await server.stop()
}
process.exit()
