import { SonicBoom } from 'sonic-boom'

/**
 * Writes lines to standard output, which may fail or stall, without blocking the service or filling its memory: in
 * another thread, with at most a megabyte that waits. What could not be written is tried again every second.
 *
 * @param describeLoss returns the line that reports the number of dropped lines, once writing works again.
 */
export const createLogOutput = (describeLoss: (count: number) => string) => {
  const stream = new SonicBoom({ fd: 1, sync: false, maxLength: 1024 * 1024 })
  let lost = 0
  let isRetrying = false
  stream.on('drop', () => lost++)
  stream.on('drain', () => {
    const count = lost
    lost = 0
    if (count > 0) stream.write(describeLoss(count))
  })
  stream.on('error', () => {
    if (isRetrying) return
    isRetrying = true
    setTimeout(() => {
      isRetrying = false
      stream.write('')
    }, 1000).unref()
  })

  return {
    write: (line: string): void => void stream.write(line),
    /** Resolves when everything has been written, or after a time limit, in milliseconds. */
    async flush(limitMs: number): Promise<void> {
      const drained = new Promise((resolve) => stream.once('drain', resolve))
      // An event comes even if nothing waits.
      stream.write('')
      await Promise.race([drained, Bun.sleep(limitMs)])
    },
  }
}
