import type { Writable } from 'node:stream'

/** The most characters that wait to be written. More lines are dropped, and counted. */
const maxPending = 1024 * 1024

/** Pause after a write that failed, in milliseconds. */
const retryDelayMs = 1000

export interface LogOutput {
  write(line: string): void
  /** Resolves when everything has been written, or after so many milliseconds. */
  flush(limitMs: number): Promise<void>
}

/**
 * Writes lines to a stream that may fail or stall, without ever stopping the service or filling its
 * memory: what cannot be written is dropped.
 *
 * @param describeLoss returns the line that reports how many were dropped, once writing works again.
 */
export const createLogOutput = (stream: Writable, describeLoss: (count: number) => string): LogOutput => {
  let pending: string[] = []
  let pendingLength = 0
  let lost = 0
  let isWriting = false
  /** Whether a write that failed may have left part of a line behind. */
  let isTorn = false
  let onFlushed: (() => void) | undefined

  // Without a listener, a failed write would end the process; the callback of each write is told, too.
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
    // The report goes first and alone, so that not much is lost again if that fails, too.
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
