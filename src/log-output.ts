import type { Writable } from 'node:stream'

/** The most characters that wait to be written. Lines beyond it are dropped, and counted. */
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
  let onFlushed: (() => void) | undefined

  // Without a listener, a failed write would end the process; the callback of each write is told, too.
  if (stream.listenerCount('error') === 0) stream.on('error', () => {})

  const push = (line: string) => {
    pending.push(line)
    pendingLength += line.length
  }

  const writePending = () => {
    isWriting = pending.length > 0
    if (!isWriting) return onFlushed?.()
    const lines = pending
    pending = []
    pendingLength = 0
    stream.write(lines.join(''), (error) => {
      if (error) {
        lost += lines.length
        setTimeout(writePending, retryDelayMs).unref()
        return
      }
      if (lost > 0) push(describeLoss(lost))
      lost = 0
      writePending()
    })
  }

  return {
    write(line) {
      if (pendingLength + line.length > maxPending) lost++
      else push(line)
      if (!isWriting) writePending()
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
