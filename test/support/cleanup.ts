type Cleanup = () => unknown

const pending: Cleanup[] = []

/** Runs after the test at hand, the last one registered first. */
export const cleanUp = (cleanup: Cleanup) => {
  pending.push(cleanup)
}

export const cleanUpAll = async () => {
  for (let next = pending.pop(); next; next = pending.pop()) await next()
}
