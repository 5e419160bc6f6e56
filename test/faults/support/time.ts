/** Waits until a condition holds and returns the milliseconds that it took. Throws after `limit`. */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  limit = 10_000,
): Promise<number> => {
  const start = performance.now()
  while (!(await holds())) {
    if (performance.now() - start > limit) throw new Error(`Not within ${limit} ms: ${what}`)
    await Bun.sleep(5)
  }
  return performance.now() - start
}

/** Runs something and returns its result with the milliseconds that it took. */
export const timed = async <T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> => {
  const start = performance.now()
  const result = await work()
  return { result, ms: performance.now() - start }
}
