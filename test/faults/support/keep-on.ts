import { timed } from './time'

/**
 * Does each of these again and again, side by side. What it gives ends that and tells the
 * milliseconds of the slowest; it throws what one of them threw.
 */
export const keepOn = (acts: readonly (() => Promise<unknown>)[]) => {
  let slowest = 0
  let isOver = false
  const acting = Promise.all(
    acts.map(async (act) => {
      while (!isOver) slowest = Math.max(slowest, (await timed(act)).ms)
    }),
  )
  // Told at the end, not as the unhandled rejection that it would be until then.
  acting.catch(() => {})
  return async () => {
    isOver = true
    await acting
    return slowest
  }
}
