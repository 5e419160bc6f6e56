/** A point in time on the monotonic clock, in milliseconds, by which a response is due. */
export type Deadline = number

/** How often deadlines are checked, in milliseconds. What takes longer than this is not quick. */
export const tickMs = 20

/** The pause between two attempts to reach a database, in milliseconds. */
export const retryMs = 250

/** After this time without an answer, in milliseconds, a connection may be broken, and another one is tried. */
export const patienceMs = 1000

export const deadlineIn = (milliseconds: number): Deadline => performance.now() + milliseconds

export const remaining = (deadline: Deadline) => Math.max(0, deadline - performance.now())

/** Rejects with the error of `expired` if `work` has not settled within `milliseconds`. */
export const within = async <T>(milliseconds: number, work: Promise<T>, expired: () => Error): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(expired()), milliseconds)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
