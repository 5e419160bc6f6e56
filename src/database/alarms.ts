import type { Deadline } from './time'

/** How often the alarms are looked at, in milliseconds, and so how late one may ring. */
const tickMs = 20

interface Alarm {
  at: Deadline
  ring(): void
}

/**
 * Many alarms on one timer. Nearly every statement ends long before its deadline, and a timer of its
 * own would cost each of them more than the deadline is worth.
 */
export const createAlarms = () => {
  const alarms = new Set<Alarm>()
  let timer: Timer | undefined

  const tick = () => {
    if (alarms.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
    const now = performance.now()
    for (const alarm of alarms)
      if (alarm.at <= now) {
        alarms.delete(alarm)
        alarm.ring()
      }
  }

  return {
    /** Rings once, soon after the moment, unless the function that it gives is called before. */
    set(at: Deadline, ring: () => void): () => void {
      const alarm = { at, ring }
      alarms.add(alarm)
      timer ??= setInterval(tick, tickMs)
      return () => alarms.delete(alarm)
    },
  }
}
