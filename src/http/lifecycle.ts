import type { Step } from './every-answer'

export interface Lifecycle {
  /** Told to stop: still serving, but about to close. */
  stopping: boolean
  /** Called when the time to finish is over, so that whoever still waits can answer before the end. */
  onEnd: Set<() => void>
}

export const createLifecycle = (): Lifecycle => ({ stopping: false, onEnd: new Set() })

/** Once stopping, asks clients to leave, so that no request meets a connection that is being closed. */
export const retire =
  (lifecycle: Lifecycle): Step =>
  (headers) => {
    if (lifecycle.stopping) headers.connection = 'close'
  }
