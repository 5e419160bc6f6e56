import type { Writable } from 'node:stream'

/** The maximum number of characters that wait to be written. Further lines are dropped and counted. */
const maxPending = 1024 * 1024

/** The pause after a failed write, in milliseconds. */
const retryDelayMs = 1000

interface LogOutput {
  write(line: string): void
  /** Resolves when everything has been written, or after a time limit, in milliseconds. */
  flush(limitMs: number): Promise<void>
}

/**
 * Writes lines to a stream that may fail or stall, without blocking the service or filling its memory: lines
 * that cannot be written are dropped.
 *
 * @param describeLoss returns the line that reports the number of dropped lines, once writing works again.
 */
export const createLogOutput = (stream: Writable, describeLoss: (count: number) => string): LogOutput => {
  let pending: string[] = []
  let pendingLength = 0
  let lost = 0
  let isWriting = false
  /** Whether a failed write may have left an incomplete line. */
  let isTorn = false
  let onFlushed: (() => void) | undefined

  // Without a listener, a failed write would end the process. The callback of each write also gets the error.
  if (stream.listenerCount('error') === 0) stream.on('error', () => {})

  const takePending = () => {
    const lines = pending
    pending = []
    pendingLength = 0
    return lines
  }

  const writeNext = () => {
    isWriting = lost > 0 || pending.length > 0
    if (!isWriting) return onFlushed?.()
    // The report is written first and by itself, so that little is lost if that fails too.
    const reported = lost
    const lines = reported > 0 ? [describeLoss(reported)] : takePending()
    lost = 0
    stream.write(`${isTorn ? '\n' : ''}${lines.join('')}`, (error) => {
      isTorn = Boolean(error)
      if (!error) return writeNext()
      lost += reported > 0 ? reported : lines.length
      setTimeout(writeNext, retryDelayMs).unref()
    })
  }

  return {
    write(line) {
      if (pendingLength + line.length > maxPending) lost++
      else {
        pending.push(line)
        pendingLength += line.length
      }
      if (!isWriting) writeNext()
    },
    async flush(limitMs) {
      if (!isWriting) return
      const flushed = new Promise<void>((resolve) => {
        onFlushed = resolve
      })
      await Promise.race([flushed, Bun.sleep(limitMs)])
    },
  }
}
