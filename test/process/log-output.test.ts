import { describe, expect, it } from 'bun:test'
import { EventEmitter } from 'node:events'
import type { Writable } from 'node:stream'
import { createLogOutput } from '../../src/log-output'

type Finish = (error?: Error | null) => void

/** A stream of which each write ends when and as the test says, and which goes on after an error. */
const createSlowStream = () => {
  const writes: { text: string; finish: Finish }[] = []
  const stream = Object.assign(new EventEmitter(), {
    write: (text: string, finish: Finish) => void writes.push({ text, finish }),
  }) as unknown as Writable
  /** Ends the write under way, and returns its text. */
  const end = (error?: Error) => {
    const write = writes.shift()
    write?.finish(error)
    return write?.text
  }
  return { stream, end, writes }
}

const output = (stream: Writable) => createLogOutput(stream, (count) => `lost ${count}\n`)
const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })

/** Lines of 1,000 characters each. */
const line = (index: number) => `${String(index).padEnd(999, '.')}\n`

describe('the output of the log', () => {
  it('writes each line at once, and those that come meanwhile together', async () => {
    const { stream, end } = createSlowStream()
    const { write } = output(stream)
    for (const text of ['1\n', '2\n', '3\n']) write(text)
    expect(end()).toBe('1\n')
    expect(end()).toBe('2\n3\n')
    expect(end()).toBeUndefined()
    write('4\n')
    expect(end()).toBe('4\n')
  })

  it('buffers a megabyte for a stalled reader, and counts the lines that it drops', async () => {
    const { stream, end, writes } = createSlowStream()
    const { write } = output(stream)
    const count = 5000
    for (let index = 0; index < count; index++) write(line(index))
    expect(writes).toHaveLength(1)
    expect(end()).toBe(line(0))
    const report = end()
    const kept = end() ?? ''
    expect(kept.length).toBeLessThanOrEqual(1024 * 1024)
    expect(report).toBe(`lost ${count - 1 - kept.length / 1000}\n`)
    expect(kept).toStartWith(line(1))
    // Told once: from here on nothing is lost.
    write('next\n')
    expect(end()).toBe('next\n')
    expect(end()).toBeUndefined()
  })

  it('tries again after a while, and says once how many lines were lost', async () => {
    const { stream, end, writes } = createSlowStream()
    const { write } = output(stream)
    write('lost\n')
    end(full)
    write('kept\n')
    const tried = async () => {
      const start = performance.now()
      while (writes.length === 0) await Bun.sleep(5)
      return performance.now() - start
    }
    expect(await tried()).toBeGreaterThan(500)
    // A line of its own, though half of the one that was lost may have been written.
    expect(end()).toBe('\nlost 1\n')
    expect(end()).toBe('kept\n')
    expect(end()).toBeUndefined()
  })

  it('is flushed once everything is written, or the time is over', async () => {
    const { stream, end } = createSlowStream()
    const { write, flush } = output(stream)
    await flush(60_000)
    write('1\n')
    const start = performance.now()
    await flush(50)
    expect(performance.now() - start).toBeGreaterThan(40)
    const flushed = flush(60_000)
    end()
    await flushed
  })
})
