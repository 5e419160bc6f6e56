/**
 * Returns the function that waits for a turn of the event loop which no other caller gets, so that much work that
 * comes at once does not block the service.
 */
export const createTurns = () => {
  let last: Promise<unknown> = Promise.resolve()
  return () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)))
    return last
  }
}
