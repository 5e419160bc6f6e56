import { DatabaseUnavailable } from './errors'
import { type Deadline, remaining } from './time'

/**
 * Admits at most `max` statements at once and lets at most `waiting` more queue, first come first
 * served. Whoever is not admitted by the deadline, or finds the queue full, gets DatabaseUnavailable.
 */
export const createSlots = (max: number, waiting: number) => {
  const queue = new Map<() => void, (error: DatabaseUnavailable) => void>()
  let free = max
  const refusal = (why: string) => new DatabaseUnavailable({ cause: new Error(why) })

  return {
    acquire(deadline: Deadline): Promise<void> | undefined {
      if (free > 0) {
        free--
        return
      }
      if (queue.size >= waiting) throw refusal('too many statements wait for a connection')
      return new Promise((resolve, reject) => {
        const admit = () => {
          clearTimeout(timer)
          resolve()
        }
        const refuse = (error: DatabaseUnavailable) => {
          clearTimeout(timer)
          queue.delete(admit)
          reject(error)
        }
        const tooLate = () => refuse(refusal('no connection came free in time'))
        const timer = setTimeout(tooLate, remaining(deadline))
        queue.set(admit, refuse)
      })
    },

    release() {
      const [first] = queue.keys()
      if (!first) {
        free++
        return
      }
      queue.delete(first)
      first()
    },

    /** Refuses all that wait. */
    close() {
      for (const refuse of [...queue.values()]) refuse(refusal('the connection was lost'))
    },

    use: () => ({ active: max - free, waiting: queue.size, max }),
  }
}
