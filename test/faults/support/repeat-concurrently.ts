import { timed } from './time'

/**
 * Repeats each action, all at the same time. Returns a function that ends that and returns the duration of the
 * slowest action, in milliseconds; it throws what an action threw.
 */
export const repeatConcurrently = (actions: readonly (() => Promise<unknown>)[]) => {
  let slowest = 0
  let isOver = false
  const running = Promise.all(
    actions.map(async (action) => {
      while (!isOver) slowest = Math.max(slowest, (await timed(action)).ms)
    }),
  )
  // Reported at the end, not as the unhandled rejection that it would be until then.
  running.catch(() => {})
  return async () => {
    isOver = true
    await running
    return slowest
  }
}
