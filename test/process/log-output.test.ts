import { expect, it, setDefaultTimeout } from 'bun:test'
import { closeSync, openSync } from 'node:fs'
import { until } from '../faults/support/time'
import { cleanUp } from '../support/cleanup'
import { askMany, createPipe, startWithOutput } from '../support/output'

setDefaultTimeout(30_000)

const loss = 'log lines could not be written'

it('a log that cannot be written blocks no request and no SIGTERM', async () => {
  const full = openSync('/dev/full', 'w')
  cleanUp(() => closeSync(full))
  const { child, client } = await startWithOutput(full)
  expect(await askMany(client, 4000)).toEqual([404])
  child.kill('SIGTERM')
  expect(await child.exited).toBe(0)
})

it('a reader of the log that stalls misses what is more than a megabyte, and is told how much', async () => {
  const pipe = await createPipe()
  const { child, client } = await startWithOutput(pipe.writer)
  pipe.stall()
  const count = 5000
  expect(await askMany(client, count)).toEqual([404])
  pipe.resume()
  await until('the loss is reported', () => pipe.output().includes(loss))
  child.kill('SIGINT')
  expect(await child.exited).toBe(0)
  await until('all is read', () => pipe.output().includes('"stopped"'))
  const lines = pipe.output().trim().split('\n')
  const entries = lines.map((line) => JSON.parse(line))
  const losses = entries.filter(({ message }) => message === loss)
  expect(losses).toMatchObject([{ level: 'warn' }])
  const read = entries.filter(({ path = '' }) => path.startsWith('/xxx')).length
  expect(read + losses[0].count).toBe(count)
  expect(read).toBeLessThan(2700)
})
