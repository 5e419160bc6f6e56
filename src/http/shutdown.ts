/** Whether, and how far, the service is told to stop. */
export interface Shutdown {
  /** Still serving, but about to close. */
  hasBegun: boolean
  /** Called when the time to finish is over, so that whoever still waits can answer before the end. */
  onEnd: Set<() => void>
}

export const createShutdown = (): Shutdown => ({ hasBegun: false, onEnd: new Set() })
