/** A point in time on the monotonic clock, in milliseconds, by which a response is due. */
export type Deadline = number

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
