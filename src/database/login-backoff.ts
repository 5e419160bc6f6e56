import { isLoginRejected } from './errors'

/** The first and the longest pause after a rejected login, in milliseconds. */
const firstDelayMs = 500
const maxDelayMs = 30_000

/**
 * Exponential backoff for logins that the server rejects (wrong password, missing database). Other failures
 * do not count.
 */
export const createLoginBackoff = () => {
  let rejections = 0
  let blockedUntil = Number.NEGATIVE_INFINITY
  return {
    /** The time until the next attempt, in milliseconds. */
    remaining: () => Math.max(0, blockedUntil - performance.now()),

    /** Records the outcome of an attempt: its error, or undefined if it succeeded. */
    note(error?: unknown) {
      rejections = isLoginRejected(error) ? rejections + 1 : 0
      if (rejections > 0)
        blockedUntil = performance.now() + Math.min(firstDelayMs * 2 ** (rejections - 1), maxDelayMs)
    },
  }
}
