/** The progress of an orderly shutdown. */
export interface Shutdown {
  /** The service has been told to stop, but still serves requests. */
  hasBegun: boolean
  /** Called when the time for running requests is over, so that waiting ones can still be answered. */
  onEnd: Set<() => void>
}

export const createShutdown = (): Shutdown => ({ hasBegun: false, onEnd: new Set() })
