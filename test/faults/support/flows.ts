import { connect, createServer, type Socket } from 'node:net'
import { cleanUp } from '../../support/cleanup'

/** A connection of the service to Postgres, which can fail by itself. */
export interface Flow {
  /** Whether it has carried reads of tasks, as those of the pool do and that for pings does not. */
  isOfPool: boolean
  isOpen: boolean
  /** Swallows every byte from now on, in both directions; neither end is told. */
  silence(): void
  /** Resets the connection of the service once so many more bytes have passed to Postgres. */
  resetAfter(bytes: number): void
}

/** A network between the service and Postgres of which each connection can fail by itself. */
export const createFlows = async (target: number) => {
  const flows = new Set<Flow>()
  const sockets = new Set<Socket>()

  const accept = (near: Socket) => {
    const far = connect(target, '127.0.0.1')
    let isSilent = false
    let budget = Number.POSITIVE_INFINITY
    const flow: Flow = {
      isOfPool: false,
      isOpen: true,
      silence: () => {
        isSilent = true
      },
      resetAfter: (bytes) => {
        budget = bytes
      },
    }
    flows.add(flow)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        flow.isOpen = false
        if (!isSilent) for (const each of [near, far]) each.destroy()
      })
    }
    near.on('data', (data) => {
      flow.isOfPool ||= data.includes('from "tasks"')
      if (isSilent) return
      budget -= data.length
      // What has passed reaches Postgres all the same.
      far.write(data, () => budget <= 0 && near.resetAndDestroy())
    })
    far.on('data', (data) => {
      if (!isSilent && budget > 0) near.write(data)
    })
  }
  const server = createServer(accept)
  const listen = (port: number) =>
    new Promise<number>((resolve) =>
      server.listen(port, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address ? address.port : 0)
      }),
    )
  const port = await listen(0)
  cleanUp(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    open: () => [...flows].filter(({ isOpen }) => isOpen),
    /** Lets no more connections be opened: those that are open stay. */
    refuse: () => server.close(),
    accept: () => listen(port),
  }
}
