import { describe, expect, it } from 'bun:test'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cleanUp } from '../../support/cleanup'
import { askMany, createPipe, startWithOutput } from '../../support/output'
import { fill, smallDisk } from '../support/disk'
import { memoryOf } from '../support/process'
import { until } from '../support/time'

const loss = 'log lines could not be written'

const isJson = (line: string) => {
  try {
    return Boolean(JSON.parse(line))
  } catch {
    return false
  }
}

describe('the log', () => {
  it('on a full disk costs nobody an answer, and goes on once there is room again', async () => {
    const disk = await smallDisk(4)
    const path = join(disk, 'log')
    const file = openSync(path, 'a')
    cleanUp(() => closeSync(file))
    const { child, client } = await startWithOutput(file)
    const filler = await fill(disk)
    const count = 6000
    // More than is kept for later, over several attempts to write.
    for (let round = 0; round < 3; round++) {
      expect(await askMany(client, count / 3)).toEqual([404])
      expect((await client.get('/health/live')).status).toBe(200)
      await Bun.sleep(1000)
    }
    rmSync(filler)
    const lines = () => readFileSync(path, 'utf8').split('\n').filter(Boolean)
    await until('the loss is told of', () => lines().some((line) => line.includes(loss)))
    child.kill('SIGTERM')
    expect(await child.exited).toBe(0)
    // Of a line that was cut off nothing is left that could be taken for another.
    const entries = lines()
      .filter(isJson)
      .map((line) => JSON.parse(line))
    expect(lines().length - entries.length).toBeLessThanOrEqual(1)
    const losses = entries.filter(({ message }) => message === loss)
    expect(losses).toHaveLength(1)
    const written = entries.filter(({ path = '' }) => path.startsWith('/xxx')).length
    // What was written of lines whose write failed as a whole counts as lost.
    expect(written + losses[0].count).toBeGreaterThanOrEqual(count)
    expect(written + losses[0].count).toBeLessThan(count + 20)
    expect(entries.at(-1)).toMatchObject({ message: 'stopped' })
  }, 60_000)

  it('on a full disk lets the service stop', async () => {
    const disk = await smallDisk(1)
    const file = openSync(join(disk, 'log'), 'a')
    cleanUp(() => closeSync(file))
    const { child, client } = await startWithOutput(file)
    await fill(disk)
    expect(await askMany(client, 4000)).toEqual([404])
    child.kill('SIGTERM')
    expect(await child.exited).toBe(0)
  }, 60_000)

  it('costs no memory while its reader stalls', async () => {
    const pipe = await createPipe()
    const { child, client } = await startWithOutput(pipe.writer)
    await askMany(client, 10_000)
    const before = memoryOf(child.pid)
    pipe.stall()
    // 70 MB of lines.
    expect(await askMany(client, 150_000)).toEqual([404])
    expect(memoryOf(child.pid) - before).toBeLessThan(40)
    pipe.resume()
    await until('the loss is told of', () => pipe.output().includes(loss))
  }, 120_000)
})
