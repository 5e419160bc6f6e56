import { expect, it } from 'bun:test'
import { closeSync, openSync } from 'node:fs'
import { cleanUp } from '../../support/cleanup'
import { askMany, createPipe, startWithOutput } from '../../support/output'
import { until } from '../support/time'

type Service = Awaited<ReturnType<typeof startWithOutput>>

/** How much of a processor a process used over a while, in percent. */
const loadOf = async ({ child }: Service) => {
  const ticks = async () => {
    const fields = (await Bun.file(`/proc/${child.pid}/stat`).text()).split(') ')[1]?.split(' ') ?? []
    // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: hundredths of a second.
    return Number(fields[11]) + Number(fields[12])
  }
  const [before, start] = [await ticks(), performance.now()]
  await Bun.sleep(500)
  return ((await ticks()) - before) / ((performance.now() - start) / 1000)
}

const expectServed = async (service: Service) => {
  expect(await askMany(service.client, 2000)).toEqual([404])
  expect((await service.client.get('/health/live')).status).toBe(200)
  expect(await loadOf(service)).toBeLessThan(50)
}

const expectStopped = async ({ child }: Service, signal: NodeJS.Signals) => {
  child.kill(signal)
  expect(await child.exited).toBe(0)
}

it('a standard output that cannot be written blocks no request and no SIGTERM', async () => {
  const full = openSync('/dev/full', 'w')
  cleanUp(() => closeSync(full))
  const [closed, stalled] = [await createPipe(), await createPipe()]
  const outputs = [full, closed.writer, stalled.writer]
  const services = await Promise.all(outputs.map((output) => startWithOutput(output)))
  await closed.end()
  stalled.stall()
  for (const service of services) await expectServed(service)
  await Promise.all(services.map((service) => expectStopped(service, 'SIGTERM')))
}, 30_000)

it('a log reader that stalls for a while misses lines, and their number is logged', async () => {
  const pipe = await createPipe()
  const service = await startWithOutput(pipe.writer)
  pipe.stall()
  const count = 4000
  expect(await askMany(service.client, count)).toEqual([404])
  pipe.resume()
  const text = 'log lines could not be written'
  await until('the loss is told of', () => pipe.output().includes(text))
  await expectStopped(service, 'SIGINT')
  await until('all is read', () => pipe.output().includes('"stopped"'))
  const lines = pipe.output().trim().split('\n')
  const entries = lines.map((line) => JSON.parse(line))
  const losses = entries.filter(({ message }) => message === text)
  expect(losses.map(({ level }) => level)).toEqual(['warn'])
  const read = entries.filter(({ path = '' }) => path.startsWith('/xxx'))
  // A megabyte is kept, and what the pipe holds, of lines of some 480 characters.
  expect(read.length).toBeLessThan(2700)
  expect(read.length + losses[0].count).toBe(count)
}, 30_000)
