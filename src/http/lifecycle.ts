import type { Step } from './every-answer'

export interface Lifecycle {
  /** Told to stop: still serving, but about to close. */
  stopping: boolean
}

/** Once stopping, asks clients to leave, so that no request meets a connection that is being closed. */
export const retire =
  (lifecycle: Lifecycle): Step =>
  (headers) => {
    if (lifecycle.stopping) headers.connection = 'close'
  }
