import { Elysia } from 'elysia'

export interface Lifecycle {
  /** Told to stop: still serving, but about to close. */
  stopping: boolean
}

/** Once stopping, asks clients to leave, so that no request meets a connection that is being closed. */
export const retire = (lifecycle: Lifecycle) =>
  new Elysia({ name: 'retire' }).onRequest(({ set }) => {
    if (lifecycle.stopping) set.headers.connection = 'close'
  })
