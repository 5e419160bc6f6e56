import type { Connection } from './connection'

/** The pause after a connection could not be opened, in milliseconds. */
const rejectedCooldownMs = 500

/** How many connections are opened in parallel while it is unknown whether the server accepts any. */
const cautiousParallel = 2
/** How long a connection that was opened shows that the server accepts more, in milliseconds. */
const acceptedMs = 1000

export interface OpenerOptions {
  /** Opens a connection; `isOnly` if there is no other one to fall back on. */
  open(isOnly: boolean): Promise<Connection>
  maxConnections: number
  onOpened(connection: Connection): void
  onFailed(cause: unknown): void
}

/**
 * Opens the connections of a pool, without flooding a server that refuses them: only a few at once until one
 * was accepted, and none for a moment after a failure.
 */
export const createOpener = ({ open, maxConnections, onOpened, onFailed }: OpenerOptions) => {
  let opening = 0
  let acceptedUntil = 0
  let blockedUntil = 0

  return {
    /** How many connections are being opened. */
    opening: () => opening,

    /** Starts opening another one beside those that are open, unless the pool is full or has to wait. */
    openOne(openCount: number) {
      const now = performance.now()
      const maxOpening = now < acceptedUntil ? maxConnections : cautiousParallel
      if (opening >= maxOpening || openCount + opening >= maxConnections || now < blockedUntil) return
      const isOnly = openCount + opening === 0
      opening++
      open(isOnly).then(
        (connection) => {
          opening--
          acceptedUntil = performance.now() + acceptedMs
          onOpened(connection)
        },
        (cause) => {
          opening--
          blockedUntil = performance.now() + rejectedCooldownMs
          onFailed(cause)
        },
      )
    },

    /** Makes it unknown again whether the server accepts connections, since one was lost. */
    onLost() {
      acceptedUntil = 0
    },
  }
}
