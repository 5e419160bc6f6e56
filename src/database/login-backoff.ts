import { isLoginRejected } from './errors'

/** The first pause after a login that was rejected, and the longest, in milliseconds. */
const firstDelayMs = 500
const maxDelayMs = 30_000

/**
 * Spaces out attempts to log in that the server rejects (a wrong password, a missing database): each
 * pause is twice as long as the one before. Other failures do not count.
 */
export const createLoginBackoff = () => {
  let rejections = 0
  let blockedUntil = Number.NEGATIVE_INFINITY
  return {
    /** How long the next attempt has to wait, in milliseconds. */
    remaining: () => Math.max(0, blockedUntil - performance.now()),

    /** Takes note of an attempt that failed; of one that succeeded, without an error. */
    note(error?: unknown) {
      rejections = isLoginRejected(error) ? rejections + 1 : 0
      if (rejections > 0)
        blockedUntil = performance.now() + Math.min(firstDelayMs * 2 ** (rejections - 1), maxDelayMs)
    },
  }
}
