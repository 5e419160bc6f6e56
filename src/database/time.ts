/** A point in time on the monotonic clock, in milliseconds, by which a response is due. */
export type Deadline = number

/** How often deadlines are checked, in milliseconds. What takes longer than this is not quick. */
export const tickMs = 20

/** The pause between two attempts to reach a database, in milliseconds. */
export const retryMs = 250

/** After this time without an answer, in milliseconds, a connection may be broken, and another one is tried. */
export const patienceMs = 1000

export const deadlineIn = (milliseconds: number): Deadline => performance.now() + milliseconds

/** Rejects with the error of `expired` if `work` has not settled within `milliseconds`. */
export const within = <T>(milliseconds: number, work: Promise<T>, expired: () => Error): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(expired()), milliseconds)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

/** Returns the function that waits for a turn of the event loop which no other caller gets. */
export const createTurns = () => {
  let last: Promise<unknown> = Promise.resolve()
  return () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)))
    return last
  }
}
