/**
 * Makes the function that lets work take so many milliseconds, or up to a twentieth more, and rejects
 * with what `expired` makes where it takes longer. One timer serves all work: one for each would cost
 * more than reading a small body does.
 */
export const createTimeLimit = (milliseconds: number, expired: () => Error) => {
  /** In the order of their ends. */
  const running = new Map<(error: Error) => void, number>()
  let timer: Timer | undefined

  const tick = () => {
    const now = performance.now()
    for (const [reject, end] of running) {
      if (end > now) break
      running.delete(reject)
      reject(expired())
    }
    if (running.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      timer ??= setInterval(tick, milliseconds / 20)
      running.set(reject, performance.now() + milliseconds)
      work.then(
        (value) => {
          running.delete(reject)
          resolve(value)
        },
        (error) => {
          running.delete(reject)
          reject(error)
        },
      )
    })
}
