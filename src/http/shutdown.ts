/** The progress of an orderly shutdown. */
export interface Shutdown {
  /** The service has been told to stop, but still serves requests. */
  hasBegun: boolean
  /** Called at the end of the drain time: requests that still wait for their body are then answered with 503. */
  onEnd: Set<() => void>
}

export const createShutdown = (): Shutdown => ({ hasBegun: false, onEnd: new Set() })
