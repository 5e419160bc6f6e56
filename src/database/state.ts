import { DatabaseUnavailable } from './errors'

export type State =
  /** `database` names the database, without a password. */
  { state: 'connected'; database: string } | { state: 'disconnected'; cause: unknown }

export type StateLog = ReturnType<typeof createStateLog>

/** The state of a database. Each change is reported once, an outage again if its cause has changed. */
export const createStateLog = (database: string, onChange: (state: State) => void) => {
  let isConnected = false
  let reported: string | undefined
  return {
    isConnected: () => isConnected,

    /** The reason of the outage at hand. */
    reason: () => reported,

    connected() {
      if (isConnected) return
      isConnected = true
      reported = undefined
      onChange({ state: 'connected', database })
    },

    disconnected(cause: unknown) {
      isConnected = false
      // DatabaseUnavailable itself explains nothing, but its cause does.
      const reason = cause instanceof DatabaseUnavailable ? cause.cause : cause
      const message = reason instanceof Error ? reason.message : String(reason)
      if (message === reported) return
      reported = message
      onChange({ state: 'disconnected', cause })
    },
  }
}
